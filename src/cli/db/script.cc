// SPDX-License-Identifier: Apache-2.0
#include "cli/db/script.h"

#include <algorithm>
#include <optional>

#include "codec/json_text.h"

namespace weft::cli::db {
namespace {

using codec::Json;
using codec::JsonArray;

constexpr int saved_plan_version = 1;
constexpr std::string_view blanks = " \t\r";

/// Cuts a text into the words of its lines.
class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    Result<std::vector<std::vector<std::string>>> lines() {
        std::vector<std::vector<std::string>> out(1);
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\n') {
                next_line();
                out.emplace_back();
            } else if (blanks.find(c) != blanks.npos) {
                ++at_;
            } else if (c == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (text_.substr(at_).starts_with("\\\n")) {
                ++at_;
                next_line();
            } else {
                out.back().push_back(TRY(word()));
            }
        }
        return out;
    }

  private:
    void next_line() {
        ++at_;
        ++line_;
    }

    Result<std::string> word() {
        std::string out;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\n' || blanks.find(c) != blanks.npos) break;
            if (c == '\'' || c == '"') {
                TRY(quoted(c, out));
            } else if (c == '\\') {
                if (at_ + 1 == text_.size() || text_[at_ + 1] == '\n') break;
                out += text_[at_ + 1];
                at_ += 2;
            } else {
                out += c;
                ++at_;
            }
        }
        if (text_.substr(at_) == "\\")
            return fail("line " + std::to_string(line_) + ": nothing follows the \\ at the end");
        return out;
    }

    Result<> quoted(char quote, std::string& out) {
        const size_t start = line_;
        for (++at_; at_ < text_.size(); ++at_) {
            char c = text_[at_];
            if (c == quote) {
                ++at_;
                return {};
            }
            const bool escapes = quote == '"' && c == '\\' && at_ + 1 < text_.size() &&
                                 (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\');
            if (escapes) c = text_[++at_];
            if (c == '\n') ++line_;
            out += c;
        }
        return fail("line " + std::to_string(start) + ": the quotation that begins with " + quote +
                    " does not end");
    }

    std::string_view text_;
    size_t at_ = 0, line_ = 1;
};

/// Whether the text is one of JSON by its first character.
bool begins_with(std::string_view text, char c) {
    const size_t at = text.find_first_not_of(" \t\r\n");
    return at != text.npos && text[at] == c;
}

Result<Json> parse(std::string_view text) {
    auto json = codec::parse_json(text);
    if (!json) return fail("this is no JSON: " + json.error().message);
    return json;
}

Result<Script> parse_operations(JsonArray items) {
    Script out;
    if (!items.empty() && items[0].string()) {
        out.database = *items[0].string();
        items.erase(items.begin());
    }
    for (size_t i = 0; i < items.size(); ++i)
        if (!items[i].is_object())
            return fail("operation " + std::to_string(i + 1) +
                        " is no object: expected [\"DATABASE\", {\"op\": ...}...]");
    if (items.empty()) return fail("the transaction has no operations");
    out.operations = std::move(items);
    return out;
}

Result<Script> parse_saved(const Json& json) {
    const Json *version = json.find("weft_plan"), *database = json.find("database"),
               *text = json.find("text"), *commands = json.find("commands"),
               *operations = json.find("operations");
    if (!version || *version != Json(saved_plan_version))
        return fail("this is no plan that \"weft db plan --save\" of this version made");
    Script out;
    if (operations && operations->array()) out = TRY(parse_operations(*operations->array()));
    if (commands && commands->array())
        for (const Json& word : *commands->array())
            if (word.string()) out.words.push_back(*word.string());
    if (!database || !database->string() || !text || !text->string() ||
        out.words.empty() == out.operations.empty())
        return fail("the saved plan is damaged: make it anew");
    out.database = *database->string();
    out.planned = *text->string();
    out.is_saved_plan = true;
    return out;
}

}  // namespace

Json Script::to_json() const {
    codec::JsonObject out{{"database", database}, {"text", planned}, {"weft_plan", saved_plan_version}};
    if (words.empty())
        out.set("operations", operations);
    else
        out.set("commands", JsonArray(words.begin(), words.end()));
    return out;
}

Result<Script> parse_script(std::string_view text) {
    if (begins_with(text, '{')) return parse_saved(TRY(parse(text)));
    if (begins_with(text, '[')) return parse_operations(*TRY(parse(text)).array());
    Script out;
    out.words = TRY(parse_commands_text(text));
    return out;
}

Result<std::vector<std::string>> parse_commands_text(std::string_view text) {
    std::vector<std::string> out;
    for (auto& line : TRY(Lexer(text).lines())) {
        auto word = line.begin();
        if (word != line.end() && *word == "sudo") ++word;
        if (word != line.end() && (*word == "ovs-vsctl" || word->ends_with("/ovs-vsctl")))
            for (++word; word != line.end() && word->starts_with("-") && *word != "--";) {
                // Those of the program; others belong to its first command.
                constexpr std::string_view own[] = {
                    "--no-wait",   "--db=",     "--timeout=", "-t",       "--retry",
                    "--no-syslog", "--oneline", "-v",         "--verbose"};
                const bool is_own =
                    std::ranges::any_of(own, [&](std::string_view o) { return word->starts_with(o); });
                if (!is_own) break;
                const bool takes_next = *word == "-t" && word + 1 != line.end();
                word += takes_next ? 2 : 1;
            }
        if (word != line.end() && *word == "--") ++word;
        if (word == line.end()) continue;
        if (!out.empty() && out.back() != "--") out.emplace_back("--");
        out.insert(out.end(), std::move_iterator(word), std::move_iterator(line.end()));
    }
    if (out.empty()) return fail("there is no command in it");
    return out;
}

std::string quoted_words(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        const bool plain = !word.empty() && word.find_first_of(" \t\r\n'\"\\#") == word.npos;
        if (!out.empty()) out += ' ';
        if (plain) {
            out += word;
            continue;
        }
        out += '"';
        for (const char c : word) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    return out;
}

}  // namespace weft::cli::db
