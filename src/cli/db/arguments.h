// SPDX-License-Identifier: Apache-2.0
// What the commands of "weft db" take before their operands, by their usage in cli/weft/commands.h.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weft::cli::db {

/// Value type.
class Arguments {
  public:
    /// `known`: "--flag --with-value=". Options end at the first word that is none of them; where there are
    /// `operands` of another command's grammar, unknown ones belong to those, else they are an error.
    static Result<Arguments> parse(std::string_view command, std::span<const std::string> words,
                                   std::string_view known, bool foreign_operands = false);

    bool has(std::string_view option) const { return options_.contains(option); }
    std::optional<std::string> value(std::string_view option) const;
    const std::vector<std::string>& operands() const { return operands_; }
    /// The only operand, or an error that names it.
    Result<std::string> only(std::string_view what) const;

  private:
    std::string command_;
    std::map<std::string, std::string, std::less<>> options_;
    std::vector<std::string> operands_;
};

/// "500ms", "60s", "5m", "2h", or seconds; in ms.
Result<int64_t> parse_interval(std::string_view option, std::string_view text);

}  // namespace weft::cli::db
