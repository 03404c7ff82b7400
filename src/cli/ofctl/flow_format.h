// SPDX-License-Identifier: Apache-2.0
// Flow formats: the ways in which a version and its extensions can say a flow (ovs-ofctl(8), --flow-format).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "openflow/message.h"

namespace weft::cli::ofctl {

/// Value type: a set of formats.
class FlowFormats {
  public:
    enum Bit : uint16_t {
        of10 = 1 << 0,
        of10_table = 1 << 1,
        nxm = 1 << 2,
        nxm_table = 1 << 3,
        of11 = 1 << 4,
        oxm12 = 1 << 5,
        oxm13 = 1 << 6,
        oxm14 = 1 << 7,
        oxm15 = 1 << 8,
        v10 = of10 | of10_table | nxm | nxm_table,
        with_table = 0x1ff & ~(of10 | nxm),
        any_nxm = nxm | nxm_table,
        oxm = oxm12 | oxm13 | oxm14 | oxm15,
        v11_up = of11 | oxm,
        v13_up = oxm13 | oxm14 | oxm15,
        v14_up = oxm14 | oxm15,
        any = 0x1ff,
    };
    constexpr FlowFormats() = default;
    constexpr FlowFormats(unsigned bits) : bits_(static_cast<uint16_t>(bits)) {}  // NOLINT: bits are a set

    static FlowFormats of(openflow::VersionSet versions);
    static FlowFormats of(openflow::Version version);
    /// As -F takes it. The error names the word.
    static Result<FlowFormats> parse(std::string_view text);
    std::string to_string() const;

    openflow::VersionSet versions() const;
    bool empty() const { return bits_ == 0; }
    constexpr unsigned bits() const { return bits_; }
    FlowFormats operator&(FlowFormats o) const { return bits_ & o.bits_; }
    FlowFormats& operator&=(FlowFormats o) { return *this = *this & o; }
    bool operator==(const FlowFormats&) const = default;

    /// The simplest of the version's formats in the set, for changes, or the one that can say most, for
    /// questions. None: the set has none of that version.
    enum class Wanted : uint8_t { simplest, richest };
    std::optional<Bit> pick(openflow::Version version, Wanted wanted) const;

  private:
    uint16_t bits_ = 0;
};

/// How messages are written in a format.
openflow::Dialect dialect_of(FlowFormats::Bit format);

/// The formats that can say the flow. `has_table`: its table was given.
FlowFormats usable_formats(const openflow::FlowMod& mod, bool has_table);
FlowFormats usable_formats(const openflow::FlowQuery& query);
/// Those that know the fields as the flow's text names them: vlan_tci with a mask is not dl_vlan, whatever
/// they match.
FlowFormats usable_formats_of_words(std::string_view flow);
/// What one of the actions lacks that 1.1 and newer demand, in words; empty: nothing.
std::string lack_of(const openflow::FlowMod& mod);

}  // namespace weft::cli::ofctl
