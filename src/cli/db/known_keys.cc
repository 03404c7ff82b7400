// SPDX-License-Identifier: Apache-2.0
#include "cli/db/known_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "cli/arguments.h"
#include "cli/spelling.h"
#include "ovsdb/change_json.h"

namespace weft::cli::db {
namespace {

using ovsdb::ColumnSchema;

std::optional<int64_t> number(std::string_view text) {
    int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

/// The words after the key.
Result<> parse_kind(std::span<const std::string_view> words, KnownKey& key) {
    const std::string_view kind = words[0];
    const auto rest = words.subspan(1);
    if (kind == "one-of" && !rest.empty()) {
        key.kind = KnownKey::Kind::one_of;
        key.words.assign(rest.begin(), rest.end());
        return {};
    }
    if (kind == "integer" && rest.size() <= 2) {
        key.kind = KnownKey::Kind::integer;
        for (size_t i = 0; i < rest.size(); ++i) {
            const auto n = number(rest[i]);
            if (!n) return fail("\"" + std::string(rest[i]) + "\" is no number");
            (i == 0 ? key.min : key.max) = *n;
        }
        return {};
    }
    if (!rest.empty() || (kind != "string" && kind != "boolean"))
        return fail("expected string, boolean, integer [MIN [MAX]] or one-of WORD..., not \"" +
                    std::string(kind) + "\"");
    key.kind = kind == "string" ? KnownKey::Kind::string : KnownKey::Kind::boolean;
    return {};
}

/// What the value should have been; empty: it is fine.
std::string fault_of(const KnownKey& key, std::string_view value) {
    switch (key.kind) {
        case KnownKey::Kind::string:
            return {};
        case KnownKey::Kind::boolean:
            return value == "true" || value == "false" ? "" : "true or false";
        case KnownKey::Kind::one_of: {
            if (std::ranges::count(key.words, value) > 0) return {};
            std::string out = "one of";
            for (const auto& word : key.words) out += " " + word;
            return out;
        }
        case KnownKey::Kind::integer: {
            const auto n = number(value);
            if (n && *n >= key.min && *n <= key.max) return {};
            std::string out = "an integer";
            if (key.min != INT64_MIN) out += " of at least " + std::to_string(key.min);
            if (key.max != INT64_MAX) out += " and at most " + std::to_string(key.max);
            return out;
        }
    }
    return {};
}

class Checker {
  public:
    Checker(const ovsdb::TableSchema& table, const ColumnSchema& column, const std::vector<KnownKey>& keys)
        : column_(column) {
        for (const auto& key : keys)
            if (key.table == table.name && key.column == column.name) known_.push_back(&key);
    }

    bool knows_column() const { return !known_.empty(); }

    /// Empty if nothing is odd.
    std::string doubt(std::string_view key, std::string_view value) const {
        const std::string name = column_.name + ":" + std::string(key);
        for (const KnownKey* known : known_) {
            if (known->is_prefix ? !key.starts_with(known->key) : key != known->key) continue;
            const std::string wanted = fault_of(*known, value);
            return wanted.empty() ? "" : fmt::format("{}={}: expected {}", name, value, wanted);
        }
        std::vector<std::string_view> names;
        names.reserve(known_.size());
        for (const KnownKey* known : known_) names.push_back(known->key);
        const std::string guess = hint(key, names);
        if (column_.name == "external_ids")
            return is_slip(key, names) ? name + " is no key that is known" + guess : "";
        return name + " is no key that is known" + guess;
    }

  private:
    /// Equal to a known one but for case and dashes, or nearly so.
    static bool is_slip(std::string_view key, const std::vector<std::string_view>& names) {
        return std::ranges::any_of(names, [&](std::string_view known) {
            return folded(known) == folded(key) ||
                   (key.size() == known.size() && differences(key, known) <= 2);
        });
    }
    static size_t differences(std::string_view a, std::string_view b) {
        size_t out = 0;
        for (size_t i = 0; i < a.size(); ++i) out += a[i] != b[i];
        return out;
    }

    const ColumnSchema& column_;
    std::vector<const KnownKey*> known_;
};

bool is_map_of_strings(const ColumnSchema& column) {
    return column.index >= ovsdb::first_user_column && column.type.is_map() &&
           column.type.key.type == ovsdb::AtomType::string &&
           column.type.value->type == ovsdb::AtomType::string;
}

}  // namespace

Result<std::vector<KnownKey>> parse_known_keys(std::string_view text) {
    std::vector<KnownKey> out;
    for (size_t line = 1; !text.empty(); ++line) {
        const size_t end = std::min(text.find('\n'), text.size());
        const std::string_view one = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (one.empty() || one.starts_with('#')) continue;
        const auto words = words_of(one);
        const auto bad = [&](const std::string& why) {
            return fail("line " + std::to_string(line) + ": " + why);
        };
        if (words.size() < 4) return bad("expected TABLE COLUMN KEY KIND");
        KnownKey key{
            .table = std::string(words[0]), .column = std::string(words[1]), .key = std::string(words[2])};
        if (key.key.ends_with('*')) {
            key.is_prefix = true;
            key.key.pop_back();
        }
        if (const auto done = parse_kind(std::span(words).subspan(3), key); !done)
            return bad(done.error().message);
        out.push_back(std::move(key));
    }
    return out;
}

std::vector<std::string> doubtful_keys(const ovsdb::Changes& changes, const ovsdb::Schema& schema,
                                       const std::vector<KnownKey>& keys) {
    std::vector<std::string> out;
    for (const auto& change : changes.rows) {
        if (!change.after) continue;
        const auto& table = schema.tables[change.table];
        for (const ColumnSchema& column : table.columns) {
            if (!is_map_of_strings(column)) continue;
            const Checker checker(table, column, keys);
            if (!checker.knows_column()) continue;
            const ovsdb::Datum& now = (*change.after)[column.index];
            for (size_t i = 0; i < now.size(); ++i) {
                const ovsdb::Atom* before =
                    change.before ? (*change.before)[column.index].find(now.keys()[i]) : nullptr;
                if (before && *before == now.values()[i]) continue;
                const std::string doubt = checker.doubt(now.keys()[i].string(), now.values()[i].string());
                const std::string name = row_name(table, *change.after);
                if (!doubt.empty())
                    out.push_back(
                        fmt::format("{}{}{}: {}", table.name, name.empty() ? "" : " ", name, doubt));
            }
        }
    }
    return out;
}

}  // namespace weft::cli::db
