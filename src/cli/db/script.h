// SPDX-License-Identifier: Apache-2.0
// What a plan is made from, as it is written: commands of ovs-vsctl, operations of a transaction, a plan that
// was saved.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace weft::cli::db {

/// Value type.
struct Script {
    std::string database = {};            ///< empty: not said
    std::vector<std::string> words = {};  ///< commands of ovs-vsctl, separated by "--"
    codec::JsonArray operations = {};     ///< if there are no words
    std::string planned = {};             ///< of a saved plan: what it showed
    bool is_saved_plan = false;

    codec::Json to_json() const;  ///< as a saved plan
};

/// The text of a file. It begins with '[': the params of a transact request (RFC 7047 4.1.3), or operations
/// alone; with
/// '{': a saved plan; else parse_commands_text(). Errors name the place.
Result<Script> parse_script(std::string_view text);

/// A command of ovs-vsctl a line, or several separated by "--". Words are separated by blanks, and quoted as
/// in a shell
/// ('...', "..." where \ takes the next of \ " as it is, \); # begins a comment; \ at the end of a line
/// continues it. A leading "ovs-vsctl" is passed over, with its options.
Result<std::vector<std::string>> parse_commands_text(std::string_view text);

/// The words as a shell would take them, on one line.
std::string quoted_words(const std::vector<std::string>& words);

}  // namespace weft::cli::db
