// SPDX-License-Identifier: Apache-2.0
// Command-line options in the manner, and with the messages, of GNU getopt_long.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json_text.h"

namespace weft::cli {

inline constexpr int usage_error = 64;  ///< as EX_USAGE of sysexits.h

/// The options one program knows. Resource type, used once.
class Options {
  public:
    enum class Argument : uint8_t { none, required, optional };
    using Value = std::optional<std::string>;
    using Apply = std::move_only_function<Result<>(Value)>;

    struct Option {
        std::string name;  ///< long name; empty: only a letter
        char letter = 0;   ///< 0: only a long name
        Argument argument = Argument::none;
        Apply apply;
    };

    void add(Option option) { options_.push_back(std::move(option)); }
    // The common cases.
    void flag(std::string name, bool& target, bool value = true, char letter = 0);
    void text(std::string name, std::string& target, char letter = 0);
    void optional_text(std::string name, bool& present, Value& target, char letter = 0);
    /// Accepted for compatibility; does nothing.
    void ignore(std::string name, Argument argument = Argument::none, char letter = 0);

    enum class Order : uint8_t {
        mixed,          ///< options may follow arguments
        options_first,  ///< the first argument ends the options: what follows belongs to a command
    };
    /// Applies options as they come; the other arguments. `args` does not contain the program's name. What
    /// getopt_long would complain about has the code `usage_error`: it is told with the name the program was
    /// called by, other errors with the program's own.
    Result<std::vector<std::string>> parse(std::span<const std::string> args, Order order);

    /// "--name", with "=" at the end if it must have an argument.
    std::vector<std::string> names() const;
    /// A line for each option: "--name=ARG", "-l ARG".
    std::string list() const;

  private:
    Result<> parse_long(const std::string& text, std::span<const std::string>& rest);
    Result<> parse_letters(std::string_view letters, std::span<const std::string>& rest);
    Result<Option*> find_long(std::string_view name);

    std::vector<Option> options_;
};

/// -letter SECS, --timeout=SECS: the program is ended by SIGALRM then.
void add_timeout_option(Options& options, char letter);

/// -f, --format=text|json and --pretty.
void add_format_option(Options& options, bool& json, codec::JsonStyle& style);

/// A whole number within bounds; the error names the option.
Result<int64_t> parse_number(std::string_view option, std::string_view text, int64_t min, int64_t max);

}  // namespace weft::cli
