// SPDX-License-Identifier: Apache-2.0
#include "openflow/version.h"

#include <array>

namespace weft::openflow {
namespace {

constexpr std::array<std::string_view, 6> names{"OpenFlow10", "OpenFlow11", "OpenFlow12",
                                                "OpenFlow13", "OpenFlow14", "OpenFlow15"};

}  // namespace

std::string_view version_name(Version v) { return names[action::wire(v) - 1u]; }

std::optional<Version> parse_version(std::string_view name) {
    for (size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) return static_cast<Version>(i + 1);
    }
    return std::nullopt;
}

std::optional<Version> VersionSet::highest() const {
    for (size_t i = names.size(); i > 0; --i) {
        if (contains(static_cast<Version>(i))) return static_cast<Version>(i);
    }
    return std::nullopt;
}

std::string VersionSet::to_string() const {
    std::string out;
    for (unsigned i = 0; i < 32; ++i) {
        if (!(bits_ >> i & 1)) continue;
        if (!out.empty()) out += ", ";
        out += i >= 1 && i <= names.size() ? std::string(names[i - 1]) : "version " + std::to_string(i);
    }
    return out;
}

}  // namespace weft::openflow
