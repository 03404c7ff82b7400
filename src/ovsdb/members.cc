// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/members.h"

#include <algorithm>
#include <span>

#include "codec/json_text.h"
#include "ovsdb/atom.h"

namespace weft::ovsdb {
namespace {

bool has(Kind set, Kind kind) { return (static_cast<unsigned>(set) & static_cast<unsigned>(kind)) != 0; }

bool matches(const codec::Json& json, Kind kinds) {
    if (json.is_null()) return has(kinds, Kind::null);
    if (json.is_bool()) return has(kinds, Kind::boolean);
    if (json.is_integer()) return has(kinds, Kind::integer);
    if (json.is_real()) return has(kinds, Kind::real);
    if (json.is_array()) return has(kinds, Kind::array);
    if (json.is_object()) return has(kinds, Kind::object);
    return has(kinds, Kind::string) || (has(kinds, Kind::id) && is_id(*json.string()));
}

}  // namespace

Members::Members(const codec::Json& json, std::string what, Nth nth)
    : json_(json), what_(std::move(what)), nth_(nth) {
    if (!json.is_object())
        error_ = OpError{"syntax error", "Parsing " + this->what() + " failed: Object expected.", {}};
}

std::string Members::what() const {
    if (nth_.kind.empty()) return what_;
    return std::string(nth_.kind) + " " + std::to_string(nth_.n) + " of " + std::to_string(nth_.of);
}

void Members::complain(std::string why) {
    if (error_) return;
    error_ = OpError{"syntax error", "Parsing " + what() + " failed: " + std::move(why),
                     codec::format_json(json_)};
}

const codec::Json* Members::required(std::string_view name, Kind kind) { return take(name, kind, true); }
const codec::Json* Members::optional(std::string_view name, Kind kind) { return take(name, kind, false); }

const codec::Json* Members::take(std::string_view name, Kind kind, bool must) {
    if (error_) return nullptr;
    CHECK(asked_count_ < asked_.size());
    asked_[asked_count_++] = name;
    const codec::Json* value = json_.find(name);
    if (!value) {
        if (must) complain("Required '" + std::string(name) + "' member is missing.");
        return nullptr;
    }
    if (matches(*value, kind)) return value;
    complain("Type mismatch for member '" + std::string(name) + "'.");
    return nullptr;
}

OpResult<> Members::finish() {
    if (!error_) {
        const std::string* stranger = nullptr;
        size_t strangers = 0;
        for (const auto& member : *json_.object()) {
            const auto asked = std::span(asked_).first(asked_count_);
            if (std::ranges::find(asked, member.key) != asked.end()) continue;
            if (strangers++ == 0) stranger = &member.key;
        }
        const size_t more = strangers - 1;
        if (strangers == 1)
            complain("Member '" + *stranger + "' is present but not allowed here.");
        else if (strangers > 1)
            complain("Member '" + *stranger + "' and " + std::to_string(more) + " other member" +
                     (more > 1 ? "s" : "") + " are present but not allowed here.");
    }
    if (error_) return std::unexpected(*error_);
    return {};
}

}  // namespace weft::ovsdb
