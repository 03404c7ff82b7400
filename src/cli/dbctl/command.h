// SPDX-License-Identifier: Apache-2.0
// The table of commands: the one place that says how a command is called. Parser, usage and completion derive
// from it.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/dbctl/needs.h"
#include "cli/dbctl/records.h"
#include "cli/dbctl/symbols.h"
#include "cli/dbctl/workspace.h"
#include "cli/table.h"

namespace weft::cli::dbctl {

struct Context;
struct Invocation;

/// Value type.
struct Command {
    std::string_view group;  ///< heading of the usage it stands under
    std::string_view name;
    std::string_view arguments;  ///< "!ONE ?OPTIONAL *ANY +AT-LEAST-ONE"
    std::string_view options;    ///< "--flag --with-value="
    std::string_view help;
    bool changes;                                 ///< may write
    Result<> (*need)(const Invocation&, Needs&);  ///< checks names, says what is read; before connecting
    Result<> (*run)(Context&);
};

using CommandOptions = std::map<std::string, std::optional<std::string>, std::less<>>;

/// Value type: one command as it was called.
struct Invocation {
    const Command* command;
    CommandOptions options;
    std::vector<std::string> args;

    bool has(std::string_view option) const { return options.contains(option); }
    /// Null if it was not given.
    const std::string* value(std::string_view option) const {
        const auto it = options.find(option);
        return it != options.end() && it->second ? &*it->second : nullptr;
    }
    /// Null if there are not so many.
    const std::string* arg(size_t i) const { return i < args.size() ? &args[i] : nullptr; }
    /// The arguments from the i-th on.
    std::span<const std::string> from(size_t i) const {
        return std::span(args).subspan(std::min(i, args.size()));
    }
};

/// Cuts words at "--" into commands. `first_options` were parsed with the program's own and belong to the
/// first command.
Result<std::vector<Invocation>> parse_commands(std::span<const Command> commands,
                                               CommandOptions first_options,
                                               std::span<const std::string> words);

/// What a command leaves to be printed. Value type.
struct Output {
    std::string text = {};
    std::optional<Table> table = {};
    std::optional<Uuid> created = {};  ///< a new row whose uuid is printed once it has one

    void line(std::string_view s) { (text += s) += '\n'; }
};

/// What a command runs on.
struct Context {
    const Invocation& call;
    std::span<const RecordName> records;
    std::span<const struct ShowTable> show;
    const TableStyle& style;
    bool colours;  ///< the output is for a terminal
    Workspace& db;
    Symbols& symbols;
    Output& out;
    std::vector<std::pair<std::string_view, std::string>>& warnings;  ///< log module, text
    bool& must_wait;                ///< set: run all anew when the database has changed
    std::optional<int>& exit_code;  ///< set: end at once, without writing

    const std::string& arg(size_t i) const { return call.args[i]; }
    void warn(std::string_view module, std::string text) { warnings.emplace_back(module, std::move(text)); }
    Result<RowView> record(const ovsdb::TableSchema& table, std::string_view name) const {
        return get_record(db.view(), records, table, name);
    }
};

}  // namespace weft::cli::dbctl
