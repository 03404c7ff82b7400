// SPDX-License-Identifier: Apache-2.0
#include "openflow/message.h"

namespace weft::openflow {

Body::Body() = default;
Body::Body(const Body&) = default;
Body::Body(Body&&) noexcept = default;
Body& Body::operator=(const Body& o) { return *this = Body(o); }
Body& Body::operator=(Body&&) noexcept = default;
Body::~Body() = default;

}  // namespace weft::openflow
