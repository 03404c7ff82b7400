// SPDX-License-Identifier: Apache-2.0
// Sets of OpenFlow versions, their names, negotiation.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "action/of_error.h"
#include "action/version.h"
#include "base/result.h"

namespace weft::openflow {

using action::OfError;
using action::OfResult;
using action::refuse;
using action::Version;

/// "OpenFlow10" ... "OpenFlow15", as in Bridge.protocols and ovs-ofctl -O.
std::string_view version_name(Version v);
std::optional<Version> parse_version(std::string_view name);

/// Value type: a set of versions as the bitmap of a hello.
class VersionSet {
  public:
    constexpr VersionSet() = default;
    constexpr VersionSet(std::initializer_list<Version> versions) {
        for (const Version v : versions) insert(v);
    }
    static constexpr VersionSet all() { return from_bitmap(0x7e); }
    /// Bit i is version i; versions we do not know stay in the set, so that a hello prints whole.
    static constexpr VersionSet from_bitmap(uint32_t bits) {
        VersionSet s;
        s.bits_ = bits;
        return s;
    }
    constexpr uint32_t bitmap() const { return bits_; }
    constexpr bool contains(Version v) const { return bits_ >> action::wire(v) & 1; }
    constexpr void insert(Version v) { bits_ |= 1u << action::wire(v); }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr VersionSet operator&(VersionSet o) const { return from_bitmap(bits_ & o.bits_); }
    /// Of the versions we know.
    std::optional<Version> highest() const;
    constexpr bool operator==(const VersionSet&) const = default;
    /// "OpenFlow10, OpenFlow13".
    std::string to_string() const;

  private:
    uint32_t bits_ = 0;
};

}  // namespace weft::openflow
