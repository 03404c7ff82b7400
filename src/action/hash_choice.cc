// SPDX-License-Identifier: Apache-2.0
// multipath, bundle and bundle_load: choosing a number or a port by a hash of the packet.
#include <array>
#include <charconv>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

constexpr std::string_view fields_names[] = {
    "eth_src", "symmetric_l4", "symmetric_l3l4", "symmetric_l3l4+udp", "nw_src", "nw_dst", "symmetric_l3"};
static_assert(std::size(fields_names) == static_cast<size_t>(HashFields::count));
constexpr std::string_view multipath_names[] = {"modulo_n", "hash_threshold", "hrw", "iter_hash"};
static_assert(std::size(multipath_names) == static_cast<size_t>(Multipath::Algorithm::count));
constexpr std::string_view bundle_names[] = {"active_backup", "hrw"};
static_assert(std::size(bundle_names) == static_cast<size_t>(Bundle::Algorithm::count));

constexpr uint32_t max_links = 65536;
constexpr uint32_t member_type = 0x00000002;  // NXM_OF_IN_PORT: an OpenFlow port
constexpr uint16_t min_port_bits = 16;

template <class Enum>
OfResult<Enum> known(uint16_t wire) {
    if (wire >= static_cast<uint16_t>(Enum::count)) return refuse(OfError::bac_bad_argument);
    return static_cast<Enum>(wire);
}

bool has_room_for(uint64_t n_links, flow::Subfield dst) {
    return dst.n_bits >= 32 || n_links <= uint64_t{1} << dst.n_bits;
}

OfResult<Action> decode_multipath(Body& b) {
    Multipath a{.fields = TRY(known<HashFields>(b.in.u16())), .basis = b.in.u16(), .dst = {}};
    b.in.skip(2);
    a.algorithm = TRY(known<Multipath::Algorithm>(b.in.u16()));
    a.max_link = b.in.u16();
    a.arg = b.in.u32();
    b.in.skip(2);
    const uint16_t packed = b.in.u16();
    a.dst = from_ofs_nbits(TRY(read_field_header(b.in, OfError::bac_bad_set_type)), packed);
    TRY(expect_zeros(b.in, OfError::nxbrc_must_be_zero));
    if (!has_room_for(a.max_link + 1u, a.dst)) return refuse(OfError::bac_bad_argument);
    TRY(check_destination(a.dst));
    return a;
}

struct BundleHead {
    Bundle bundle;
    uint16_t n_members = 0, packed = 0;
};
OfResult<BundleHead> decode_bundle_head(ByteReader& in) {
    BundleHead h;
    h.bundle.algorithm = TRY(known<Bundle::Algorithm>(in.u16()));
    h.bundle.fields = TRY(known<HashFields>(in.u16()));
    h.bundle.basis = in.u16();
    if (in.u32() != member_type) return refuse(OfError::bac_bad_argument);
    h.n_members = in.u16();
    h.packed = in.u16();
    return h;
}

OfResult<Action> decode_members(BundleHead&& h, Body& b) {
    for (uint16_t i = 0; i < h.n_members; ++i) h.bundle.members.push_back(OfPort{b.in.u16()});
    if (!b.in.ok()) return refuse(OfError::bac_bad_len);
    return std::move(h.bundle);
}

OfResult<Action> decode_bundle(Body& b) {
    BundleHead h = TRY(decode_bundle_head(b.in));
    const uint32_t dst = b.in.u32(), more = b.in.u32();
    if (h.packed || dst || more) return refuse(OfError::bac_bad_argument);
    return decode_members(std::move(h), b);
}

OfResult<Action> decode_bundle_load(Body& b) {
    BundleHead h = TRY(decode_bundle_head(b.in));
    ByteReader dst(b.in.take(8));
    h.bundle.dst = from_ofs_nbits(TRY(read_field_header(dst, OfError::bac_bad_set_type)), h.packed);
    if (h.bundle.dst.n_bits < min_port_bits) return refuse(OfError::bac_bad_argument);
    TRY(check_destination(h.bundle.dst));
    return decode_members(std::move(h), b);
}

constexpr std::array rows{
    WireForm{nicira_vendor, 10, v10, v15, 32, true, decode_multipath},
    WireForm{nicira_vendor, 12, v10, v15, 32, true, decode_bundle},
    WireForm{nicira_vendor, 13, v10, v15, 32, true, decode_bundle_load},
};

}  // namespace

forms::Rows forms::hash_choice() { return rows; }

void encode(const Multipath& a, Encoder& e) {
    const auto open = e.nicira(10);
    e.out().u16(static_cast<uint16_t>(a.fields));
    e.out().u16(a.basis);
    e.out().zeros(2);
    e.out().u16(static_cast<uint16_t>(a.algorithm));
    e.out().u16(a.max_link);
    e.out().u32(a.arg);
    e.out().zeros(2);
    e.out().u16(ofs_nbits(a.dst));
    write_field_header(e.out(), a.dst.field, v10);
}

void encode(const Bundle& a, Encoder& e) {
    const bool loads = a.dst.n_bits;
    const auto open = e.nicira(loads ? 13 : 12);
    e.out().u16(static_cast<uint16_t>(a.algorithm));
    e.out().u16(static_cast<uint16_t>(a.fields));
    e.out().u16(a.basis);
    e.out().u32(member_type);
    e.out().u16(static_cast<uint16_t>(a.members.size()));
    e.out().u16(loads ? ofs_nbits(a.dst) : 0);
    const size_t dst_at = e.out().size();
    if (loads) write_field_header(e.out(), a.dst.field, v10);
    e.out().zeros(8 - (e.out().size() - dst_at));
    for (const OfPort port : a.members) e.out().u16(port.value);
}

// Text.

namespace {

/// As atoi(): what is no number counts as 0.
int64_t leading_number(std::string_view text) {
    int64_t v = 0;
    std::from_chars(text.data(), text.data() + text.size(), v);
    return v;
}

/// Words between commas and spaces.
class Words {
  public:
    explicit Words(std::string_view text) : rest_(text) {}
    std::string_view next(std::string_view separators = ", ") {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(separators), rest_.size()));
        const std::string_view word = rest_.substr(0, rest_.find_first_of(separators));
        rest_.remove_prefix(std::min(word.size() + 1, rest_.size()));
        return word;
    }

  private:
    std::string_view rest_;
};

std::unexpected<Error> wrong(const TextArgs& a, const std::string& what) {
    return fail(std::string(a.args) + ": " + what);
}
std::unexpected<Error> unknown(const TextArgs& a, std::string_view kind, std::string_view word) {
    return wrong(a, "unknown " + std::string(kind) + " `" + std::string(word) + "'");
}
std::unexpected<Error> too_few(const TextArgs& a) {
    return wrong(a, "not enough arguments to " + std::string(a.name) + " action");
}

template <class Enum, size_t n>
std::optional<Enum> named(const std::string_view (&names)[n], std::string_view word) {
    for (size_t i = 0; i < n; ++i)
        if (names[i] == word) return static_cast<Enum>(i);
    return std::nullopt;
}

Result<> parse_multipath(const TextArgs& a, Actions& out) {
    Words words(a.args);
    std::array<std::string_view, 6> w;
    for (auto& word : w) word = words.next();
    if (w.back().empty()) return too_few(a);
    const auto fields = named<HashFields>(fields_names, w[0]);
    if (!fields) return unknown(a, "fields", w[0]);
    const auto algorithm = named<Multipath::Algorithm>(multipath_names, w[2]);
    if (!algorithm) return unknown(a, "algorithm", w[2]);
    const int64_t n_links = leading_number(w[3]);
    if (n_links < 1 || n_links > max_links)
        return wrong(a, "n_links " + std::to_string(n_links) + " is not in valid range 1 to " +
                            std::to_string(max_links));
    const flow::Subfield dst = TRY(flow::parse_subfield(w[5]));
    if (!has_room_for(static_cast<uint64_t>(n_links), dst))
        return wrong(a, std::to_string(dst.n_bits) + "-bit destination field has " +
                            std::to_string(uint64_t{1} << dst.n_bits) +
                            " possible values, less than specified n_links " + std::to_string(n_links));
    out.emplace_back(Multipath{.fields = *fields,
                               .basis = static_cast<uint16_t>(leading_number(w[1])),
                               .algorithm = *algorithm,
                               .max_link = static_cast<uint16_t>(n_links - 1),
                               .arg = static_cast<uint32_t>(leading_number(w[4])),
                               .dst = dst});
    return {};
}

/// FIELDS,BASIS,ALGORITHM,ofport,[DST,]members:PORT...; ovs-ofctl still takes the old word `slaves` too.
Result<> parse_bundle(const TextArgs& a, Actions& out) {
    const bool loads = a.name == "bundle_load";
    Words words(a.args);
    const std::string_view fields = words.next(), basis = words.next(), algorithm = words.next(),
                           type = words.next(), dst = loads ? words.next() : "dst",
                           members = words.next(": ");
    if (members.empty()) return too_few(a);
    const auto known_fields = named<HashFields>(fields_names, fields);
    if (!known_fields) return unknown(a, "fields", fields);
    const auto known_algorithm = named<Bundle::Algorithm>(bundle_names, algorithm);
    if (!known_algorithm) return unknown(a, "algorithm", algorithm);
    if (type != "ofport") return unknown(a, "member_type", type);
    if (members != "members" && members != "slaves")
        return wrong(a, "missing member delimiter, expected `members', got `" + std::string(members) + "'");
    Bundle bundle{.fields = *known_fields,
                  .basis = static_cast<uint16_t>(leading_number(basis)),
                  .algorithm = *known_algorithm,
                  .members = {}};
    for (std::string_view word; !(word = words.next()).empty();) {
        const auto port = flow::parse_port(word, a.names.ports);
        if (!port) return fail(std::string(word) + ": bad port number");
        bundle.members.push_back(*port);
    }
    if (loads) bundle.dst = TRY(flow::parse_subfield(dst));
    out.emplace_back(std::move(bundle));
    return {};
}

constexpr std::array names_of_choice{TextForm{"multipath", parse_multipath}, TextForm{"bundle", parse_bundle},
                                     TextForm{"bundle_load", parse_bundle}};

template <class Enum, size_t n>
std::string_view name_of(const std::string_view (&names)[n], Enum v) {
    return names[static_cast<size_t>(v)];
}

}  // namespace

texts::Rows texts::hash_choice() { return names_of_choice; }

void print(const Multipath& a, Printer& p) {
    p.put("multipath(" + std::string(name_of(fields_names, a.fields)) + "," + std::to_string(a.basis) + ",");
    p.put(name_of(multipath_names, a.algorithm));
    p.put("," + std::to_string(a.max_link + 1u) + "," + std::to_string(a.arg) + "," +
          flow::format_subfield(a.dst) + ")");
}

void print(const Bundle& a, Printer& p) {
    p.put(a.dst.n_bits ? "bundle_load(" : "bundle(");
    p.put(std::string(name_of(fields_names, a.fields)) + "," + std::to_string(a.basis) + ",");
    p.put(name_of(bundle_names, a.algorithm));
    p.put(",ofport,");
    if (a.dst.n_bits) p.put(flow::format_subfield(a.dst) + ",");
    p.put("members:");
    for (size_t i = 0; i < a.members.size(); ++i) {
        if (i) p.put(",");
        p.port(a.members[i]);
    }
    p.put(")");
}

}  // namespace weft::action
