// SPDX-License-Identifier: Apache-2.0
#include "openflow/message.h"

namespace weft::openflow {

bool Body::operator==(const Body& o) const {
    return static_cast<const AnyBody&>(*this) == static_cast<const AnyBody&>(o);
}

}  // namespace weft::openflow
