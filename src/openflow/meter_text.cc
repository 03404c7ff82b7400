// SPDX-License-Identifier: Apache-2.0
#include "openflow/meter_text.h"

#include "flow/key_value.h"
#include "openflow/number_text.h"

namespace weft::openflow {
namespace {

using action::MeterBand;
namespace flag = action::meter_flag;

struct IdName {
    std::string_view name;
    uint32_t id;
};
constexpr IdName id_names[] = {{"all", action::meter_all},
                               {"controller", action::meter_controller},
                               {"slowpath", action::meter_slow_path}};

constexpr std::pair<std::string_view, uint16_t> flag_names[] = {
    {"kbps", flag::kbps}, {"pktps", flag::pktps}, {"burst", flag::burst}, {"stats", flag::stats}};

/// One of the flags, which stand without a value.
uint16_t flag_of(std::string_view word) {
    for (const auto& [name, bit] : flag_names) {
        if (name == word) return bit;
    }
    return 0;
}

struct BandParser {
    const uint16_t flags;
    std::vector<MeterBand>& bands;
    bool has_rate = false, has_burst = false;

    Result<> end() const {
        if (bands.empty()) return {};
        if (!has_rate) return fail("band must have 'rate'");
        if (flags & flag::burst && !has_burst)
            return fail("band must have 'burst_size' when 'burst' flag is set");
        if (!(flags & flag::burst) && has_burst)
            return fail("band may have 'burst_size' only when 'burst' flag is set");
        return {};
    }

    Result<> begin(std::string_view type) {
        TRY(end());
        has_rate = has_burst = false;
        MeterBand& b = bands.emplace_back();
        if (type == "drop")
            b.type = MeterBand::Type::drop;
        else if (type == "dscp_remark")
            b.type = MeterBand::Type::dscp_remark;
        else
            return fail("field type unknown value " + std::string(type));
        return {};
    }

    Result<> word(const flow::KeyValue& kv) {
        if (kv.key == "type") return begin(kv.value);
        if (bands.empty()) return fail("band must start with the 'type' keyword");
        MeterBand& b = bands.back();
        if (kv.key == "rate") {
            b.rate = TRY(parse_u32(kv.value));
            has_rate = true;
        } else if (kv.key == "burst_size") {
            b.burst = TRY(parse_u32(kv.value));
            has_burst = true;
        } else if (kv.key == "prec_level") {
            if (b.type != MeterBand::Type::dscp_remark)
                return fail("Only 'dscp_remark' band may have 'prec_level'");
            b.prec_level = static_cast<uint8_t>(TRY(parse_up_to(kv.value, "prec_level", 0xff)));
        } else {
            return fail("unknown keyword " + std::string(kv.key));
        }
        return {};
    }
};

Result<std::vector<MeterBand>> parse_bands(std::string_view text, uint16_t flags) {
    std::vector<MeterBand> bands;
    BandParser p{flags, bands};
    while (const auto kv = flow::next_key_value(text)) TRY(p.word(*kv));
    TRY(p.end());
    if (bands.empty()) return fail("meter must have bands");
    return bands;
}

/// The words before "bands=".
Result<> parse_head(std::string_view text, MeterMod& m) {
    bool has_id = false;
    while (const auto kv = flow::next_key_value(text)) {
        if (const uint16_t bit = flag_of(kv->key); bit && m.command != MeterCommand::remove) {
            m.spec.flags |= bit;
            continue;
        }
        if (!kv->has_value) return fail("field " + std::string(kv->key) + " missing value");
        if (kv->key != "meter") return fail("unknown keyword " + std::string(kv->key));
        m.id = TRY(parse_meter_id(kv->value));
        has_id = true;
    }
    if (!has_id) return fail("must specify 'meter'");
    return {};
}

}  // namespace

Result<uint32_t> parse_meter_id(std::string_view text) {
    for (const IdName& n : id_names) {
        if (n.name == text) return n.id;
    }
    const uint32_t id = TRY(parse_u32(text));
    if (id == 0 || id > action::meter_max) return fail("invalid value for meter");
    return id;
}

Result<MeterMod> parse_meter_mod(std::string_view text, MeterCommand command) {
    MeterMod m;
    m.command = command;
    if (command == MeterCommand::remove) {
        TRY(parse_head(text, m));
        return m;
    }
    const size_t at = text.find("band");
    if (at == text.npos) return fail("must specify bands");
    const size_t equals = text.find('=', at);
    if (equals == text.npos) return fail("must specify bands");
    TRY(parse_head(text.substr(0, at), m));
    if (!(m.spec.flags & (flag::kbps | flag::pktps)))
        return fail("meter must specify either 'kbps' or 'pktps'");
    m.spec.bands = TRY(parse_bands(text.substr(equals + 1), m.spec.flags));
    return m;
}

std::string format_meter_id(uint32_t id) {
    for (const IdName& n : id_names) {
        if (n.id == id) return std::string(n.name);
    }
    return std::to_string(id);
}

std::string format_meter(uint32_t id, const MeterSpec& spec) {
    std::string out = "meter=" + format_meter_id(id) + " ";
    for (const auto& [name, bit] : flag_names) {
        if (spec.flags & bit) (out += name) += " ";
    }
    out += "bands=\n";
    for (const MeterBand& b : spec.bands) {
        out += b.type == MeterBand::Type::drop ? "type=drop" : "type=dscp_remark";
        out += " rate=" + std::to_string(b.rate);
        if (spec.flags & flag::burst) out += " burst_size=" + std::to_string(b.burst);
        if (b.type == MeterBand::Type::dscp_remark) out += " prec_level=" + std::to_string(b.prec_level);
        out += "\n";
    }
    return out;
}

}  // namespace weft::openflow
