// SPDX-License-Identifier: Apache-2.0
// What happens at the end of a transaction: references are checked, garbage is collected, weak references go,
// row limits and indexes are checked.
#pragma once

#include "base/prng.h"
#include "ovsdb/working_set.h"

namespace weft::ovsdb {

/// Completes the working set by what follows from it and returns the whole as changes, with new versions for
/// all changed rows; or the constraint that it violates.
OpResult<Changes> check_and_complete(WorkingSet& work, Prng& prng);

}  // namespace weft::ovsdb
