// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bitset>

#include "flow/dp_fields.h"
#include "flow/dp_text.h"
#include "packet/headers.h"

namespace weft::flow {
namespace {

using namespace dp_text;

constexpr std::string_view spaces = ", \t\r\n";

/// `name(inside)` taken off a list, with the text that an error quotes.
struct Item {
    std::string_view name, inside, from;
};

std::optional<size_t> closing(std::string_view text) {
    int depth = 1;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '(') ++depth;
        if (text[i] == ')' && --depth == 0) return i;
    }
    return std::nullopt;
}

std::unexpected<Error> syntax_error(std::string_view at) {
    return fail("syntax error at " + std::string(at));
}

Result<std::optional<Item>> next_item(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
    if (text.empty()) return std::nullopt;
    const std::string_view from = text;
    const size_t open = text.find_first_of("(,");
    if (open == std::string_view::npos || text[open] != '(') return syntax_error(from);
    const auto close = closing(text.substr(open + 1));
    if (!close) return syntax_error(from);
    const Item item{text.substr(0, open), text.substr(open + 1, *close), from};
    text.remove_prefix(open + 1 + *close + 1);
    return item;
}

struct Pair {
    std::string_view name, value;
};
/// `src=1` of `src=1,dst=2`.
std::optional<Pair> next_pair(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
    const std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const size_t equal = word.find('=');
    if (equal == std::string_view::npos) return Pair{word, {}};
    return Pair{word.substr(0, equal), word.substr(equal + 1)};
}

class Parser {
  public:
    explicit Parser(const DpPortNames* ports) : ports_(ports) {}

    Result<void> list(std::string_view text);
    Match finish();

  private:
    Result<void> item(const Item& i);
    Result<void> encap(const Item& i);
    bool attribute(const Attribute& a, std::string_view inside);
    bool part(const Part& p, std::string_view text);
    std::optional<MaskedValue> parse(const Part& p, std::string_view text) const;
    std::optional<MaskedValue> number(std::string_view text, const FieldValue& all) const;
    bool vlan(std::string_view inside);
    bool mpls(std::string_view inside);
    bool word(std::span<const WordPart> parts, const Pair& pair, uint32_t& key, uint32_t& mask) const;

    const DpPortNames* ports_;
    Match m_;
    std::bitset<static_cast<size_t>(Attr::count)> seen_;
    size_t n_tags_ = 0;
    bool tag_open_ = false;  // a vlan() whose encap() has not come yet
};

std::optional<MaskedValue> Parser::number(std::string_view text, const FieldValue& all) const {
    const size_t slash = text.find('/');
    const auto v = parse_integer(text.substr(0, slash));
    const auto m =
        slash == std::string_view::npos ? std::optional(all) : parse_integer(text.substr(slash + 1));
    if (!v || !m || !(*v & ~all).is_zero() || !(*m & ~all).is_zero()) return std::nullopt;
    return MaskedValue{*v, *m};
}

std::optional<MaskedValue> Parser::parse(const Part& p, std::string_view text) const {
    const auto as_field = [&](FieldId id) -> std::optional<MaskedValue> {
        const auto v = parse_value(field(id), text);
        return v && !text.empty() ? std::optional(*v) : std::nullopt;
    };
    switch (p.form) {
        case Form::mac:
            return as_field(FieldId::eth_src);
        case Form::ip4:
            return as_field(FieldId::ip_src);
        case Form::ip6:
            return as_field(FieldId::ipv6_src);
        case Form::tcp_flags:
            return as_field(FieldId::tcp_flags);
        case Form::ct_state:
            return as_field(FieldId::ct_state);
        case Form::frag:
            if (text != "no" && text != "first" && text != "later") return std::nullopt;
            return as_field(FieldId::ip_frag);
        case Form::port:
            if (ports_ && ports_->number)
                if (const auto port = ports_->number(text))
                    return MaskedValue{FieldValue::from_u64(port->value), FieldValue::ones(32)};
            return number(text, FieldValue::ones(32));
        case Form::decimal:
        case Form::hex:
        case Form::hex4:
            return number(text, dp_text::legal_bits(p));
    }
    return std::nullopt;
}

bool Parser::part(const Part& p, std::string_view text) {
    const auto v = parse(p, text);
    if (!v) return false;
    store(m_.key, p, v->value);
    store(m_.mask, p, v->mask);
    return true;
}

bool Parser::attribute(const Attribute& a, std::string_view inside) {
    if (a.parts.size() == 1 && a.parts[0].name.empty()) return part(a.parts[0], inside);
    while (!inside.empty()) {
        const auto pair = next_pair(inside);
        const auto p = std::ranges::find(a.parts, pair->name, &Part::name);
        if (p == a.parts.end() || !part(*p, pair->value)) return false;
    }
    return true;
}

/// One part of a VLAN tag or MPLS label.
bool Parser::word(std::span<const WordPart> parts, const Pair& pair, uint32_t& key, uint32_t& mask) const {
    const auto p = std::ranges::find(parts, pair.name, &WordPart::name);
    if (p == parts.end()) return false;
    const auto v = number(pair.value, FieldValue::ones(p->n_bits));
    if (!v) return false;
    key = (key & ~p->bits()) | static_cast<uint32_t>(v->value.to_u64()) << p->shift;
    mask = (mask & ~p->bits()) | static_cast<uint32_t>(v->mask.to_u64()) << p->shift;
    return true;
}

bool Parser::vlan(std::string_view inside) {
    if (n_tags_ == std::size(m_.key.packet.vlan)) return false;
    uint32_t key = vlan_present, mask = vlan_present;
    while (!inside.empty())
        if (!word(vlan_parts, *next_pair(inside), key, mask)) return false;
    VlanTag &k = m_.key.packet.vlan[n_tags_], &m = m_.mask.packet.vlan[n_tags_];
    k.tci = Be16(static_cast<uint16_t>(key));
    m.tci = Be16(static_cast<uint16_t>(mask));
    // The Ethertype before it was the tag's.
    std::swap(k.tpid, m_.key.packet.eth_type);
    std::swap(m.tpid, m_.mask.packet.eth_type);
    seen_.reset(static_cast<size_t>(Attr::eth_type));
    ++n_tags_;
    tag_open_ = true;
    return true;
}

bool Parser::mpls(std::string_view inside) {
    // Each label begins with `label=`.
    size_t n = 0;
    uint32_t key = 0, mask = 0;
    const auto store_label = [&] {
        m_.key.packet.mpls[n - 1] = Be32(key);
        m_.mask.packet.mpls[n - 1] = Be32(mask);
        key = mask = 0;
    };
    while (!inside.empty()) {
        const auto pair = next_pair(inside);
        if (pair->name == "label" || n == 0) {
            if (n) store_label();
            if (++n > std::size(m_.key.packet.mpls)) return false;
        }
        if (!word(mpls_parts, *pair, key, mask)) return false;
    }
    if (n) store_label();
    return true;
}

Result<void> Parser::encap(const Item& i) {
    if (!tag_open_) return syntax_error(i.from);
    tag_open_ = false;
    return list(i.inside);
}

Result<void> Parser::item(const Item& i) {
    if (i.name == "encap") return encap(i);
    if (i.name == "vlan" || i.name == "mpls") {
        if (!(i.name == "vlan" ? vlan(i.inside) : mpls(i.inside))) return syntax_error(i.from);
        return {};
    }
    const auto rows = attributes();
    const auto row = std::ranges::find(rows, i.name, &Attribute::name);
    if (row == rows.end()) return syntax_error(i.from);
    const auto index = static_cast<size_t>(row - rows.begin());
    if (seen_[index]) return fail("duplicate attribute " + std::string(i.name) + ": name it once");
    seen_.set(index);
    if (!attribute(*row, i.inside)) return syntax_error(i.from);
    return {};
}

Result<void> Parser::list(std::string_view text) {
    for (;;) {
        const auto next = TRY(next_item(text));
        if (!next) return {};
        TRY(item(*next));
    }
}

Match Parser::finish() {
    PacketBlock &k = m_.key.packet, &m = m_.mask.packet;
    m.recirc_id = be_max<Be32>;
    if (!k.eth_type && m.eth_type == be_max<Be16> && !k.packet_type) k.eth_type = Be16(eth_type_none);
    if (n_tags_ < std::size(k.vlan) && m.eth_type) m.vlan[n_tags_].tci = be_max<Be16>;
    m_.normalize();
    return m_;
}

}  // namespace

Result<Match> parse_dp_flow(std::string_view text, const DpPortNames* ports) {
    Parser p(ports);
    TRY(p.list(text));
    return p.finish();
}

Result<FlowKey> parse_dp_key(std::string_view text, const DpPortNames* ports) {
    Match m = TRY(parse_dp_flow(text, ports));
    if (!m.mask.packet.eth_type && !m.key.packet.packet_type) m.key.packet.eth_type = Be16(eth_type_none);
    return m.key;
}

}  // namespace weft::flow
