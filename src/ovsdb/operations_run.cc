// SPDX-License-Identifier: Apache-2.0
// Which operation is which, and the one that may have to wait.
#include <algorithm>
#include <set>

#include "ovsdb/columns.h"
#include "ovsdb/operations.h"

namespace weft::ovsdb {
namespace {

using codec::Json;

/// How long a "wait" waits; nullopt: for ever.
std::optional<Duration> timeout_of(const Json* json) {
    if (!json) return std::nullopt;
    // Longer than anybody can mean, short enough not to overflow.
    constexpr int64_t max_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::years(100)).count();
    return std::chrono::milliseconds(std::min(*json->integer(), max_ms));
}

}  // namespace

OpResult<bool> Operations::wait_is_over(Members& m, const Json*& timeout) {
    timeout = m.optional("timeout", Kind::integer);
    const TableSchema* t = table(m);
    const Json* clauses = m.required("where", Kind::array);
    const Json* names = m.optional("columns", Kind::array);
    const Json* until = m.required("until", Kind::string);
    const Json* rows = m.required("rows", Kind::array);
    TRY(m.finish());
    const Condition condition = TRY(where(*t, *clauses));
    const ColumnSet columns = TRY(parse_columns(names, *t));
    if (*until->string() != "==" && *until->string() != "!=")
        return syntax_error(*until, "\"until\" must be \"==\" or \"!=\"");

    std::set<std::string> wanted, found;  // as sets: the same row twice counts once
    std::string text;
    for (const Json& json : *rows->array()) {
        RowEdit edit(*t, Uuid());
        for (const auto& [column, value] : TRY(row(*t, json))) {
            if (column == uuid_column)
                edit.set_uuid(value.scalar().uuid());
            else if (column == version_column)
                edit.set_version(value.scalar().uuid());
            else
                edit.set(column, value);
        }
        text.clear();
        append_row(text, edit.row(), *t, columns);
        wanted.insert(text);
    }
    if (timeout && *timeout->integer() < 0) return syntax_error(*timeout, "timeout must be nonnegative");
    for (const RowPtr& r : work_.select(*t, condition)) {
        text.clear();
        append_row(text, *r, *t, columns);
        found.insert(text);
    }
    return (wanted == found) == (*until->string() == "==");
}

Operations::StopResult<> Operations::wait(Members& m, std::string& results) {
    const Json* timeout_json = nullptr;
    const auto over = wait_is_over(m, timeout_json);
    if (!over) return std::unexpected(Stop{over.error(), {}});
    if (*over) {
        results += "{}";
        return {};
    }
    const auto timeout = timeout_of(timeout_json);
    if (!timeout || options_.elapsed < *timeout) return std::unexpected(Stop{{}, timeout});
    const std::string details = *timeout == Duration{} ? "\"where\" clause test failed"
                                                       : "\"wait\" timed out after " +
                                                             std::to_string(to_ms(options_.elapsed)) + " ms";
    return std::unexpected(Stop{OpError{"timed out", details, {}}, {}});
}

Operations::StopResult<> Operations::run(std::string_view op, const Json& json, Members& m,
                                         std::string& results) {
    if (op == "wait") return wait(m, results);
    const auto dispatch = [&]() -> OpResult<> {
        if (op == "insert") return insert(m, results);
        if (op == "select") return select(m, results);
        if (op == "update") return update(json, m, results);
        if (op == "mutate") return mutate(m, results);
        if (op == "delete") return erase(m, results);
        if (op == "commit") return commit(m, results);
        if (op == "abort") return abort(m);
        if (op == "comment") return comment(m, results);
        if (op == "assert") return assert_lock(m, results);
        m.complain("No operation \"" + std::string(op) + "\"");
        return m.finish();
    };
    if (auto done = dispatch(); !done) return std::unexpected(Stop{std::move(done.error()), {}});
    constexpr std::string_view writing[] = {"insert", "update", "mutate", "delete", "commit"};
    if (!options_.read_only || std::ranges::find(writing, op) == std::end(writing)) return {};
    // Last, as Open vSwitch does: what is wrong with the operation itself is told first.
    return std::unexpected(
        Stop{OpError{"not allowed",
                     std::string(op) + " operation not allowed when database server is in read only mode",
                     {}},
             {}});
}

}  // namespace weft::ovsdb
