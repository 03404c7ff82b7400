// SPDX-License-Identifier: Apache-2.0
// The commands that a running program obeys (ovs-appctl(8)): a table that the application fills.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace weft::obs {

/// The answer to one command, given once, at once or later. If it is dropped unanswered, the caller gets an
/// error. Value type, moves only.
class CommandReply {
  public:
    using Send = std::move_only_function<void(Result<std::string>)>;
    explicit CommandReply(Send send) : send_(std::move(send)) {}
    CommandReply(CommandReply&& o) noexcept : send_(std::exchange(o.send_, nullptr)) {}
    CommandReply& operator=(CommandReply&& o) noexcept {
        std::swap(send_, o.send_);
        return *this;
    }
    ~CommandReply() {
        if (send_) std::exchange(send_, nullptr)(fail("the command was given up"));
    }

    void operator()(Result<std::string> answer) { std::exchange(send_, nullptr)(std::move(answer)); }

  private:
    Send send_;
};

using CommandArgs = std::span<const std::string>;

/// What a command shows: text, or JSON on a line of its own. Value type.
struct Shown {
    std::string text;
    Shown(std::string t) : text(std::move(t)) {}
    Shown(const char* t) : text(t) {}
    Shown(const codec::Json& json);
};

struct FormattedArgs {
    std::vector<std::string> words;  ///< without the option
    bool json = false;
};
/// Takes `--format json|text`, `--format=...` and `-f ...` out, wherever they stand.
Result<FormattedArgs> take_format(CommandArgs args);

/// Resource type; belongs to one thread, as do its handlers.
class CommandTable {
  public:
    using Handler = std::move_only_function<Result<std::string>(CommandArgs)>;
    using LateHandler = std::move_only_function<void(CommandArgs, CommandReply)>;
    using ShowHandler = std::move_only_function<Result<Shown>(CommandArgs, bool json)>;
    static constexpr size_t any = std::numeric_limits<size_t>::max();

    struct Command {
        std::string usage;  ///< "bridge [port]"
        size_t args_min = 0, args_max = 0;
        LateHandler handler;
    };

    /// A command that answers at once, with text for standard output or an error.
    void add(std::string name, std::string usage, size_t args_min, size_t args_max, Handler handler);
    /// A command that shows something: as text, or for `--format json` as JSON, whose schema ovs-appctl(8)
    /// has. The option does not count as an argument, and the handler does not see it.
    void add_show(std::string name, std::string usage, size_t args_min, size_t args_max, ShowHandler handler);
    /// A command that may answer later.
    void add_late(std::string name, std::string usage, size_t args_min, size_t args_max, LateHandler handler);

    void execute(std::string_view name, CommandArgs args, CommandReply reply);
    /// The text of list-commands, of the commands whose names begin so.
    std::string list(std::string_view prefix = "", size_t width = 23) const;
    /// The same in JSON.
    codec::Json list_json(std::string_view prefix = "") const;
    const std::map<std::string, Command, std::less<>>& commands() const { return commands_; }

  private:
    std::map<std::string, Command, std::less<>> commands_;
};

}  // namespace weft::obs
