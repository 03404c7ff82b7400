// SPDX-License-Identifier: Apache-2.0
// What of Boost.JSON is not in its headers, as part of us: to find and relocate a shared library costs a
// command that lives for five milliseconds.
#include <boost/json/src.hpp>
