// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/change_log.h"

#include <algorithm>
#include <set>

#include "codec/json_members.h"
#include "codec/json_text.h"
#include "codec/sha1.h"
#include "ovsdb/change_json.h"
#include "ovsdb/log_record.h"

namespace weft::ovsdb {
namespace {

using codec::Json;

constexpr size_t id_digits = 12, min_id_digits = 4;

/// About what a value takes beyond the pointer to it. Strings of long lists are not looked at: they are
/// shared with other versions mostly.
size_t bytes_of(const Datum& datum) {
    constexpr size_t block = 40, few = 16, text_header = 24, inline_text = 15;
    size_t out = datum.empty() ? 0 : block;
    out += (datum.keys().size() + datum.values().size()) * sizeof(Atom);
    if (datum.size() > few) return out;
    for (const auto& atoms : {datum.keys(), datum.values()})
        for (const Atom& atom : atoms)
            if (atom.type() == AtomType::string && atom.string().size() > inline_text)
                out += text_header + atom.string().size();
    return out;
}

/// How much memory the transaction keeps from going.
size_t weigh(const Changes& changes) {
    constexpr size_t heap_header = 16;
    size_t out = 0;
    for (const RowChange& change : changes.rows) {
        const size_t columns = (change.before ? *change.before : *change.after).datums().size();
        out += sizeof change;
        for (const RowPtr& row : {change.before, change.after})
            if (row) out += sizeof(Row) + heap_header + columns * sizeof(Datum);
        for (ColumnIndex c = first_user_column; c < first_user_column + columns; ++c) {
            const Datum *before = change.before ? &(*change.before)[c] : nullptr,
                        *after = change.after ? &(*change.after)[c] : nullptr;
            if (before && after && before->same(*after)) continue;
            for (const Datum* d : {before, after})
                if (d) out += bytes_of(*d);
        }
    }
    return out;
}

/// What a value has in it: the elements of a set, the pairs of a map, a scalar as a set of one.
std::set<std::string> elements_of(const Json& value) {
    const auto* array = value.array();
    const bool is_many = array && array->size() == 2 && (*array)[1].array() &&
                         ((*array)[0] == Json("set") || (*array)[0] == Json("map"));
    if (!is_many) return {codec::format_json(value)};
    std::set<std::string> out;
    for (const Json& one : *(*array)[1].array()) out.insert(codec::format_json(one));
    return out;
}

/// Of a pair its key; else the element itself.
std::string key_of(const std::string& element) {
    const auto json = codec::parse_json(element);
    const auto* pair = json ? json->array() : nullptr;
    const bool is_pair = pair && pair->size() == 2 && pair->front() != Json("uuid");
    return is_pair ? codec::format_json(pair->front()) : element;
}

std::string joined(std::initializer_list<std::string_view> words) {
    std::string out;
    for (const auto word : words) {
        if (!out.empty()) out += ' ';
        out += word;
    }
    return out;
}

/// What changes touch: "TABLE UUID" of rows that come or go, else "TABLE UUID COLUMN ELEMENT".
std::set<std::string> places_of(const Json& changes) {
    std::set<std::string> out;
    if (!changes.object()) return out;
    for (const auto& [table, rows] : *changes.object()) {
        if (!rows.object()) continue;
        for (const auto& [uuid, row] : *rows.object()) {
            const Json *before = row.find("old"), *after = row.find("new");
            const std::string name = joined({table, uuid});
            if (!before || !after || !after->object()) {
                out.insert(name);
                continue;
            }
            for (const auto& [column, value] : *after->object()) {
                const Json* old_value = before->find(column);
                const auto now = elements_of(value);
                const auto then = old_value ? elements_of(*old_value) : std::set<std::string>();
                std::vector<std::string> differing;
                std::ranges::set_symmetric_difference(now, then, std::back_inserter(differing));
                for (const auto& one : differing) out.insert(joined({name, column, key_of(one)}));
            }
        }
    }
    return out;
}

void settle(std::list<ChangeLog::Pending>& pending, std::deque<ChangeLog::Ended>& all,
            ChangeLog::Ended ended) {
    pending.remove_if([&](const ChangeLog::Pending& p) { return p.id == ended.id; });
    all.push_back(std::move(ended));
    if (all.size() > ChangeLog::max_ended) all.pop_front();
}

}  // namespace

Json record_of(const ChangeLog::Pending& p) {
    return Json::object({{"changes", p.changes},
                         {"comment", p.comment},
                         {"date", p.date_ms},
                         {"deadline", p.deadline_ms},
                         {"pending", p.id},
                         {"within", p.within_ms}});
}

Json record_of(const ChangeLog::Ended& e) {
    return Json::object({{"date", e.date_ms},
                         {"details", codec::JsonArray(e.details.begin(), e.details.end())},
                         {"ended", e.id},
                         {"how", e.how}});
}

void RecentTransactions::add(const Schema& schema, const Changes& changes, int64_t date_ms) {
    if (std::ranges::none_of(changes.rows,
                             [&](const RowChange& c) { return changes_configuration(c, schema); }))
        return;
    all_.push_back({changes, date_ms, weigh(changes)});
    bytes_ += all_.back().bytes;
    while (all_.size() > max_transactions || bytes_ > max_bytes) {
        bytes_ -= all_.front().bytes;
        all_.pop_front();
    }
}

void RecentTransactions::clear() {
    all_.clear();
    bytes_ = 0;
}

ChangeLog::ChangeLog(Options options, Time now) : options_(std::move(options)) {
    for (const Json& record : std::exchange(options_.records, {})) take(record, now);
}

void ChangeLog::take(const Json& record, Time now) {
    if (Ended e{text_member(record, "ended"), text_member(record, "how"), integer_member(record, "date"),
                text_members(record, "details")};
        !e.id.empty())
        return settle(pending_, ended_, std::move(e));
    const Json* changes = record.find("changes");
    Pending p{.id = text_member(record, "pending"),
              .comment = text_member(record, "comment"),
              .date_ms = integer_member(record, "date"),
              .deadline_ms = integer_member(record, "deadline"),
              .within_ms = std::clamp(integer_member(record, "within"), int64_t{0}, max_within_ms),
              .changes = changes ? *changes : Json(codec::JsonObject())};
    if (p.id.empty()) return;
    // A clock that was set back does not make the wait longer than it was to be.
    const int64_t now_ms = date_ms();
    const int64_t left = p.deadline_ms <= now_ms ? 0 : p.deadline_ms - now_ms;
    p.due = now + std::chrono::milliseconds(std::min(left, p.within_ms));
    pending_.push_back(std::move(p));
}

std::string ChangeLog::id_of(const Changes& changes, const Schema& schema, int64_t date_ms) {
    return codec::sha1_hex(format_record(changes, schema, {.date_ms = date_ms, .use_diff = false}))
        .substr(0, id_digits);
}

const std::string& ChangeLog::id_of(const Transaction& transaction, const Schema& schema) const {
    if (transaction.id.empty()) transaction.id = id_of(transaction.changes, schema, transaction.date_ms);
    return transaction.id;
}

Result<const ChangeLog::Transaction*> ChangeLog::find(std::string_view id, const Schema& schema) const {
    const std::string shown = "\"" + std::string(id) + "\"";
    if (id.size() < min_id_digits || id.size() > id_digits ||
        id.find_first_not_of("0123456789abcdef") != id.npos)
        return fail(
            shown +
            " is no id of a transaction: they are 12 hex digits, of which 4 are enough (weft db history)");
    const Transaction* out = nullptr;
    for (const Transaction& t : transactions()) {
        if (!id_of(t, schema).starts_with(id)) continue;
        if (out) return fail("several transactions begin with " + shown + ": give more digits");
        out = &t;
    }
    if (!out)
        return fail("no transaction " + shown + " is remembered: \"weft db history\" lists those that are");
    return out;
}

const ChangeLog::Ended* ChangeLog::end_of(std::string_view id) const {
    const auto it =
        std::ranges::find_if(ended_.rbegin(), ended_.rend(), [&](const Ended& e) { return e.id == id; });
    return it == ended_.rend() ? nullptr : &*it;
}

ChangeLog::Pending* ChangeLog::find_pending(std::string_view id) {
    const auto it = std::ranges::find(pending_, id, &Pending::id);
    return it == pending_.end() ? nullptr : &*it;
}

Time ChangeLog::deadline() const {
    Time first = never;
    for (const Pending& p : pending_)
        if (!p.in_hand) first = std::min(first, p.due);
    return first;
}

bool overlap(const Json& a, const Json& b) {
    const auto mine = places_of(a);
    // A row that comes or goes touches all of it, and whoever changes it.
    return std::ranges::any_of(places_of(b), [&](const std::string& theirs) {
        return std::ranges::any_of(mine, [&](const std::string& m) {
            return m == theirs || m.starts_with(theirs + " ") || theirs.starts_with(m + " ");
        });
    });
}

const ChangeLog::Pending* ChangeLog::overlapping(const Json& changes, std::string_view but_for) const {
    const auto it = std::ranges::find_if(
        pending_, [&](const Pending& p) { return p.id != but_for && overlap(p.changes, changes); });
    return it == pending_.end() ? nullptr : &*it;
}

Result<> ChangeLog::begin(Pending pending) {
    TRY(options_.store->append(codec::format_json(record_of(pending))));
    pending_.push_back(std::move(pending));
    return {};
}

Result<> ChangeLog::end(Ended ended) {
    TRY(options_.store->append(codec::format_json(record_of(ended))));
    settle(pending_, ended_, std::move(ended));
    return {};
}

std::vector<Json> ChangeLog::records() const {
    std::vector<Json> out;
    out.reserve(ended_.size() + pending_.size());
    for (const auto& e : ended_) out.push_back(record_of(e));
    for (const auto& p : pending_) out.push_back(record_of(p));
    return out;
}

std::vector<Json> condense(const std::vector<Json>& records) {
    return ChangeLog({.date_ms = [] { return int64_t{0}; }, .records = records}, Time{}).records();
}

}  // namespace weft::ovsdb
