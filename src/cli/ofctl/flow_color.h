// SPDX-License-Identifier: Apache-2.0
// Flows in colours (ovs-ofctl(8), --color and OVS_COLORS).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace weft::cli::ofctl {

/// Value type.
class FlowColors {
  public:
    /// None if there shall be no colours: as `--color` told (always, never, auto), else as the terminal is.
    static std::optional<FlowColors> wanted(const std::optional<std::string>& when);

    /// Lines of flows with their keywords painted.
    std::string paint(std::string_view text) const;

  private:
    enum Kind : uint8_t { actions, drop, learn, param, paren, special, value, count };
    void read(std::string_view setting);
    std::string painted(Kind kind, std::string_view text) const;
    void paint_match(std::string_view text, std::string& out) const;
    void paint_actions(std::string_view text, std::string& out) const;
    void paint_word(std::string_view word, bool in_learn, std::string& out) const;

    std::array<std::string, count> codes_{"1;31", "34", "31", "36", "35", "33", "32"};
};

}  // namespace weft::cli::ofctl
