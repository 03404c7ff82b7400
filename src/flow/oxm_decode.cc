// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "flow/decode_into.h"
#include "flow/tlv_layout.h"

namespace weft::flow {
namespace {

constexpr uint16_t class_experimenter = 0xffff, class_nxm_nx = 0x0001;
constexpr uint8_t nx_cookie = 30;  // also MPLS TTL, told apart by length

struct Header {
    uint16_t oxm_class = 0;
    uint8_t number = 0;
    bool has_mask = false;
    uint8_t length = 0;  // of the payload after the whole header
    uint32_t vendor = 0;
};

MatchResult<Header> read_header(ByteReader& in) {
    const uint32_t word = in.u32();
    Header h{.oxm_class = static_cast<uint16_t>(word >> 16),
             .number = static_cast<uint8_t>(word >> 9 & 0x7f),
             .has_mask = (word & 0x100) != 0,
             .length = static_cast<uint8_t>(word)};
    if (h.oxm_class == class_experimenter) {
        if (h.length < 4) return std::unexpected(MatchError::bad_len);
        h.vendor = in.u32();
        h.length = static_cast<uint8_t>(h.length - 4);
    }
    if (!in.ok()) return std::unexpected(MatchError::bad_len);
    return h;
}

/// The low bytes of a payload that may be wider than FieldValue (tun_metadata); it fits if the rest is zero.
std::optional<FieldValue> to_value(ByteSpan bytes) {
    FieldValue v;
    const size_t n = std::min(bytes.size(), v.b.size());
    for (const uint8_t x : bytes.first(bytes.size() - n))
        if (x) return std::nullopt;
    std::copy(bytes.end() - static_cast<ptrdiff_t>(n), bytes.end(), v.b.end() - static_cast<ptrdiff_t>(n));
    return v;
}

bool is_port_32(const Field& f) { return f.text == FieldText::of_port_32; }

/// Ports keep their 16-bit numbers inside.
MatchResult<FieldValue> port_from_32(const FieldValue& v) {
    const auto port = static_cast<uint32_t>(v.to_u64());
    const auto low = static_cast<uint16_t>(port);
    if (port_to_32(low) != port) return std::unexpected(MatchError::bad_value);
    return FieldValue::from_u64(low);
}

/// Whether the payload is as long as the field's; an option's may have any length.
bool fits(const Field& f, const Header& h) {
    return f.is_tun_metadata() || h.length == f.n_bytes * (h.has_mask ? 2U : 1U);
}

/// An option's value and mask are as long as their sender likes.
struct OptionBytes {
    ByteSpan value, mask;
};
MatchResult<OptionBytes> take_option(const Header& h, ByteReader& in) {
    if (h.has_mask && h.length % 2) return std::unexpected(MatchError::bad_len);
    const size_t n = h.has_mask ? h.length / 2u : h.length;
    if (n > TunOption::max_bytes) return std::unexpected(MatchError::bad_len);
    const OptionBytes out{in.take(n), in.take(h.has_mask ? n : 0)};
    if (!in.ok()) return std::unexpected(MatchError::bad_len);
    return out;
}

MatchResult<void> add_option_of(const Field& f, const Header& h, ByteReader& in, Match& m) {
    const OptionBytes bytes = TRY(take_option(h, in));
    const uint8_t index = TlvLayout::index_of(f.id);
    if (std::ranges::find(m.options, index, &TunOption::index) != m.options.end())
        return std::unexpected(MatchError::dup_field);
    const auto octets = [](ByteSpan b) { return std::vector<uint8_t>(b.begin(), b.end()); };
    for (size_t i = 0; i < bytes.mask.size(); ++i)
        if (bytes.value[i] & ~bytes.mask[i]) return std::unexpected(MatchError::bad_wildcards);
    add_option(h.has_mask ? TunOption::masked(index, octets(bytes.value), octets(bytes.mask))
                          : TunOption::exactly(index, octets(bytes.value)),
               m);
    return {};
}

/// In an action, whose values end at 16 bytes.
MatchResult<OxmField> decode_option(const Field& f, const Header& h, ByteReader& in) {
    const OptionBytes bytes = TRY(take_option(h, in));
    const auto value = to_value(bytes.value), mask = to_value(bytes.mask);
    if (!value || !mask) return std::unexpected(MatchError::bad_len);
    OxmField out{
        .id = f.id, .value = *value, .mask = h.has_mask ? *mask : legal_bits(f.id), .has_mask = h.has_mask};
    if (!(out.value & ~out.mask).is_zero()) return std::unexpected(MatchError::bad_wildcards);
    return out;
}

MatchResult<OxmField> decode_payload(const Field& f, const Header& h, ByteReader& in) {
    if (f.is_tun_metadata()) return decode_option(f, h, in);
    if (!fits(f, h)) return std::unexpected(MatchError::bad_field);
    const ByteSpan value = in.take(f.n_bytes), mask = in.take(h.has_mask ? f.n_bytes : 0);
    if (!in.ok()) return std::unexpected(MatchError::bad_len);
    const FieldValue legal = legal_bits(f.id);
    OxmField out{.id = f.id, .value = {}, .mask = legal, .has_mask = h.has_mask};
    if (h.has_mask) {
        const auto m = to_value(mask);
        const bool is_whole = m && (*m & legal) == legal;
        if (!m || (f.maskable == Maskable::no && !is_whole && !m->is_zero()))
            return std::unexpected(MatchError::bad_mask);
        out.mask = *m & legal;
    }
    const auto v = to_value(value);
    if (!v) return std::unexpected(MatchError::bad_value);
    out.value = *v;
    if (is_port_32(f) && !out.mask.is_zero()) out.value = TRY(port_from_32(*v));
    if (!(out.value & ~legal).is_zero()) return std::unexpected(MatchError::bad_value);
    if (!(out.value & ~out.mask).is_zero()) return std::unexpected(MatchError::bad_wildcards);
    return out;
}

const Field* find_field_of(const Header& h) { return find_wire(h.oxm_class, h.number, h.vendor); }

/// The bits it sets must be free as yet. A VLAN priority brings a present bit which vlan_vid has set before.
MatchResult<void> add_field(Match& m, const OxmField& f, const OxmOptions& options) {
    const FieldId id = f.id == FieldId::in_port_oxm ? FieldId::in_port : f.id;
    if (!get_field(m.mask, id).is_zero()) return std::unexpected(MatchError::dup_field);
    if (options.check_prereqs && !prereq_holds(field(id).prereq, m))
        return std::unexpected(MatchError::bad_prereq);
    m.with(id, f.value, f.mask);
    // A field of Ethernet says that the packet has Ethernet: a packet type after it must not say otherwise.
    if (id != FieldId::packet_type || !options.check_prereqs) return {};
    Match whole = m;
    if (whole.drop_inapplicable()) return std::unexpected(MatchError::dup_field);
    return {};
}

MatchResult<void> decode_cookie(const Header& h, ByteReader& in, NxmCookie& cookie) {
    const uint64_t value = in.u64(), mask = h.has_mask ? in.u64() : ~uint64_t{0};
    if (!in.ok()) return std::unexpected(MatchError::bad_len);
    if (cookie.mask) return std::unexpected(MatchError::dup_field);
    if (value & ~mask) return std::unexpected(MatchError::bad_wildcards);
    cookie = {value, mask};
    return {};
}

bool is_cookie(const Header& h) {
    return h.oxm_class == class_nxm_nx && h.number == nx_cookie && h.length == (h.has_mask ? 16 : 8);
}

}  // namespace

MatchResult<OxmField> decode_field(ByteReader& in) {
    const Header h = TRY(read_header(in));
    const Field* f = find_field_of(h);
    if (!f || (h.length == 0 && !f->is_tun_metadata())) return std::unexpected(MatchError::bad_field);
    if (!fits(*f, h)) return std::unexpected(MatchError::bad_len);
    return decode_payload(*f, h, in);
}

MatchResult<FieldId> decode_field_header(ByteReader& in) {
    const Header h = TRY(read_header(in));
    const Field* f = find_field_of(h);
    if (!f) return std::unexpected(MatchError::bad_field);
    if (!fits(*f, h)) return std::unexpected(MatchError::bad_len);
    return f->id;
}

MatchResult<void> decode_oxm(ByteSpan tlvs, Match& m, const OxmOptions& options) {
    ByteReader in(tlvs);
    while (!in.empty()) {
        const Header h = TRY(read_header(in));
        if (is_cookie(h) && options.cookie) {
            TRY(decode_cookie(h, in, *options.cookie));
            continue;
        }
        const Field* f = is_cookie(h) ? nullptr : find_field_of(h);
        if (!f) {
            if (!options.skip_unknown) return std::unexpected(MatchError::bad_field);
            in.skip(h.length);
            if (!in.ok()) return std::unexpected(MatchError::bad_len);
            continue;
        }
        if (f->is_tun_metadata()) {
            TRY(add_option_of(*f, h, in, m));
            continue;
        }
        const OxmField payload = TRY(decode_payload(*f, h, in));
        TRY(add_field(m, payload, options));
    }
    return {};
}

MatchResult<Match> decode_oxm(ByteSpan tlvs, const OxmOptions& options) {
    MatchResult<Match> m;
    if (const auto done = decode_oxm(tlvs, *m, options); !done) m = std::unexpected(done.error());
    return m;
}

}  // namespace weft::flow
