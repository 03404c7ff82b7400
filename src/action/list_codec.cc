// SPDX-License-Identifier: Apache-2.0
// Lists of actions: the walk over wire forms, and the dispatch to the encoders.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "action/codec.h"
#include "action/wire.h"

namespace weft::action {
namespace {

constexpr uint16_t experimenter_type = 0xffff;
/// Lists in lists; deeper ones serve nobody but who wants to see a stack overflow.
constexpr int max_depth = 64;

constexpr uint64_t number_of(uint32_t vendor, uint16_t type) { return uint64_t{vendor} << 16 | type; }
constexpr auto number_of_form = [](const WireForm& f) { return number_of(f.vendor, f.type); };

/// All forms in order of vendor and type.
std::vector<WireForm> sort_forms() {
    const std::array all{forms::output(),
                         forms::set_field(),
                         forms::legacy_set(),
                         forms::resubmit(),
                         forms::move(),
                         forms::vlan(),
                         forms::controller(),
                         forms::ttl(),
                         forms::stack(),
                         forms::learn(),
                         forms::mpls(),
                         forms::note(),
                         forms::clone(),
                         forms::tunnel(),
                         forms::queue(),
                         forms::metadata(),
                         forms::conjunction(),
                         forms::fin_timeout(),
                         forms::group(),
                         forms::meter(),
                         forms::hash_choice(),
                         forms::sample(),
                         forms::check_pkt_larger(),
                         forms::delete_field(),
                         forms::ct(),
                         forms::encap()};
    std::vector<WireForm> out;
    for (const forms::Rows& rows : all) out.insert(out.end(), rows.begin(), rows.end());
    std::ranges::sort(out, {}, [](const WireForm& f) { return std::pair(number_of_form(f), f.first); });
    return out;
}

const WireForm* find_form(uint32_t vendor, uint16_t type, Version version) {
    static const std::vector<WireForm> forms = sort_forms();
    const uint64_t number = number_of(vendor, type);
    auto it = std::ranges::lower_bound(forms, number, {}, number_of_form);
    for (; it != forms.end() && number_of_form(*it) == number; ++it)
        if (it->first <= version && version <= it->last) return &*it;
    return nullptr;
}

struct Header {
    uint32_t vendor = 0;
    uint16_t type = 0, length = 0;
    size_t size = 4;  ///< of the header itself
};

/// Of the action at the start of what is left of a list.
OfResult<Header> read_header(ByteReader list) {
    Header h;
    h.type = list.u16();
    h.length = list.u16();
    if (!list.ok()) return refuse(OfError::bac_bad_len);
    if (h.type != experimenter_type) return h;
    h.vendor = list.u32();
    if (!list.ok()) return refuse(OfError::bac_bad_len);
    if (h.vendor != nicira_vendor && h.vendor != onf_vendor) return refuse(OfError::bac_bad_vendor);
    h.type = list.u16();
    h.size = 10;
    if (!list.ok()) return refuse(OfError::bac_bad_len);
    return h;
}

OfResult<> check_length(const WireForm& form, size_t length, size_t left) {
    const bool fits = form.grows ? length >= form.length : length == form.length;
    if (!fits || length % 8 || length > left) return refuse(OfError::bac_bad_len);
    return {};
}

/// Reads one action, and takes it off the list.
OfResult<Action> decode_one(ByteSpan& list, Version version, int depth) {
    const Header h = TRY(read_header(ByteReader(list)));
    const WireForm* form = find_form(h.vendor, h.type, version);
    if (!form) return refuse(h.vendor ? OfError::bac_bad_vendor_type : OfError::bac_bad_type);
    TRY(check_length(*form, h.length, list.size()));
    Body body{ByteReader(list.first(h.length).subspan(h.size)), version, depth};
    Action a = TRY(form->decode(body));
    if (!body.in.ok()) return refuse(OfError::bac_bad_len);
    list = list.subspan(h.length);
    return a;
}

OfResult<Actions> decode_list(ByteSpan bytes, Version version, int depth) {
    if (depth > max_depth) return refuse(OfError::bac_too_many);
    Actions out;
    while (!bytes.empty()) out.push_back(TRY(decode_one(bytes, version, depth)));
    if (stranger_to_conjunction(out)) return refuse(OfError::nxbac_bad_conjunction);
    return out;
}

OfResult<Actions> decode_outside_ct(ByteSpan bytes, Version version, int depth) {
    Actions out = TRY(decode_list(bytes, version, depth));
    if (ct_only(out)) return refuse(OfError::bac_bad_set_argument);
    return out;
}

bool is_metadata(const Action& a) { return std::holds_alternative<WriteMetadata>(a.v); }

}  // namespace

OfResult<Actions> decode_inside_ct(Body& b) {
    return decode_list(b.in.take(b.in.size()), b.version, b.depth + 1);
}

OfResult<Actions> decode_nested(Body& b) {
    Actions nested = TRY(decode_outside_ct(b.in.take(b.in.size()), b.version, b.depth + 1));
    if (std::ranges::any_of(nested, is_metadata)) return refuse(OfError::bic_unsup_inst);
    return nested;
}

OfResult<Actions> decode_actions(ByteSpan bytes, Version version) {
    Actions actions = TRY(decode_flow_actions(bytes, version));
    if (std::ranges::any_of(actions, is_metadata)) return refuse(OfError::bic_unsup_inst);
    return actions;
}

OfResult<Actions> decode_flow_actions(ByteSpan bytes, Version version) {
    if (bytes.size() % 8) return refuse(OfError::brc_bad_len);
    Actions actions = TRY(decode_outside_ct(bytes, version, 0));
    const auto metadata = std::ranges::find_if(actions, is_metadata);
    if (metadata != actions.end() && metadata + 1 != actions.end())
        return refuse(OfError::bac_unsupported_order);
    return actions;
}

void encode_actions(const Actions& actions, Version version, ByteWriter& out) {
    Encoder(out, version).list(actions);
}

void Encoder::list(const Actions& actions) {
    for (const Action& a : actions) {
        std::visit([this](const auto& one) { encode(one, *this); }, a.v);
    }
}

Encoder::Open Encoder::standard(uint16_t type) {
    const size_t start = out_.size();
    out_.u16(type);
    out_.u16(0);
    return Open(out_, start);
}

Encoder::Open Encoder::nicira(uint16_t subtype) {
    const size_t start = out_.size();
    out_.u16(experimenter_type);
    out_.u16(0);
    out_.u32(nicira_vendor);
    out_.u16(subtype);
    return Open(out_, start);
}

OfResult<> expect_zeros(ByteReader& in, OfError code) {
    const ByteSpan rest = in.take(in.size());
    if (std::ranges::any_of(rest, [](uint8_t b) { return b != 0; })) return refuse(code);
    return {};
}

OfResult<OfPort> port_from_32(uint32_t wire) {
    constexpr uint32_t reserved = 0xffff0000 | ofpp::max.value;
    if (wire < ofpp::max.value || wire >= reserved) return OfPort{static_cast<uint16_t>(wire)};
    return refuse(OfError::bac_bad_out_port);
}

}  // namespace weft::action
