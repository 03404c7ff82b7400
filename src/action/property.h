// SPDX-License-Identifier: Apache-2.0
// Property lists (OpenFlow 1.4 and newer, Nicira's since 2016): type, length, payload, padded to 8 bytes.
#pragma once

#include "action/of_error.h"
#include "base/bytes.h"

namespace weft::action {

struct Property {
    uint16_t type = 0;
    ByteReader in{{}};  ///< the payload, without padding
};

/// The next of a list that is not empty. Errors: bpc_bad_len.
inline OfResult<Property> read_property(ByteReader& list) {
    const uint16_t type = list.u16(), length = list.u16();
    if (!list.ok() || length < 4) return refuse(OfError::bpc_bad_len);
    const ByteSpan payload = list.take(length - 4u);
    list.skip((8u - length % 8u) % 8u);
    if (!list.ok()) return refuse(OfError::bpc_bad_len);
    return Property{type, ByteReader(payload)};
}

/// A property being written: its length is filled in, and the padding added, when it ends.
class OpenProperty {
  public:
    OpenProperty(ByteWriter& out, uint16_t type) : out_(out), start_(out.size()) {
        out_.u16(type);
        out_.u16(0);
    }
    OpenProperty(const OpenProperty&) = delete;
    OpenProperty& operator=(const OpenProperty&) = delete;
    ~OpenProperty() {
        out_.patch_u16(start_ + 2, static_cast<uint16_t>(out_.size() - start_));
        out_.pad_to(8, start_);
    }

  private:
    ByteWriter& out_;
    size_t start_;
};

}  // namespace weft::action
