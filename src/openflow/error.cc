// SPDX-License-Identifier: Apache-2.0
#include "openflow/error.h"

#include <algorithm>

#include "openflow/codec.h"

namespace weft::openflow {
namespace {

/// Vendor errors: OpenFlow 1.2 and newer have a type for them, older versions use one that Nicira took.
constexpr uint16_t experimenter_type = 0xffff, old_vendor_type = 0xb0c2;

bool is_in(const ErrorForm& f, Version v) { return f.first <= v && v <= f.last; }

}  // namespace

std::string_view error_name(OfError e) { return error_rows()[static_cast<size_t>(e)].name; }

std::optional<ErrorNumbers> error_numbers(OfError e, Version v) {
    for (const ErrorForm& f : error_rows()[static_cast<size_t>(e)].forms) {
        if (is_in(f, v)) return f.numbers;
    }
    return std::nullopt;
}

std::optional<OfError> find_error(const ErrorNumbers& numbers, Version v) {
    const auto rows = error_rows();
    for (size_t i = 0; i < rows.size(); ++i) {
        for (const ErrorForm& f : rows[i].forms) {
            if (is_in(f, v) && f.numbers == numbers) return static_cast<OfError>(i);
        }
    }
    return std::nullopt;
}

ErrorReport report(OfError e, ByteSpan request) {
    return {.error = e, .numbers = {}, .data = Bytes(request.begin(), request.end())};
}

OfResult<Body> decode_error(Input& i) {
    ErrorReport r;
    r.numbers.type = i.in.u16();
    r.numbers.code = i.in.u16();
    const bool is_new = r.numbers.type == experimenter_type && i.version >= Version::v12;
    const bool is_old = r.numbers.type == old_vendor_type && r.numbers.code == 0 && i.version < Version::v12;
    if (is_new) {
        r.numbers = {i.in.u32(), r.numbers.code, 0};
    } else if (is_old) {
        r.numbers.vendor = i.in.u32();
        r.numbers.type = i.in.u16();
        r.numbers.code = i.in.u16();
    }
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if ((is_new || is_old) && r.numbers.vendor == 0) return refuse(OfError::brc_bad_vendor);
    r.error = find_error(r.numbers, i.version);
    if (r.error) r.numbers = {};
    r.data = rest_of(i.in);
    return r;
}

void encode(const ErrorReport& r, Output& o) {
    const auto open = o.open(MessageType::error);
    ErrorNumbers n = r.numbers;
    if (r.error) {
        auto known = error_numbers(*r.error, o.version());
        if (!known) known = error_numbers(OfError::nxbrc_unencodable_error, o.version());
        n = *known;
    }
    if (n.vendor && o.version() >= Version::v12) {
        o.out.u16(experimenter_type);
        o.out.u16(n.type);
        o.out.u32(n.vendor);
    } else if (n.vendor) {
        o.out.u16(old_vendor_type);
        o.out.u16(0);
        o.out.u32(n.vendor);
        o.out.u16(n.type);
        o.out.u16(n.code);
    } else {
        o.out.u16(n.type);
        o.out.u16(n.code);
    }
    const size_t room = max_message - (o.out.size() - open.start());
    o.out.bytes(ByteSpan(r.data).first(std::min(r.data.size(), room)));
}

}  // namespace weft::openflow
