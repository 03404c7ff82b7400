// SPDX-License-Identifier: Apache-2.0
#include "codec/json.h"

#include <algorithm>

namespace weft::codec {
namespace {

bool key_less(const JsonMember& member, std::string_view key) { return member.key < key; }
bool less(const JsonMember& a, const JsonMember& b) { return a.key < b.key; }

void sort_stably(std::vector<JsonMember>& members) {
    constexpr size_t few = 16;  // as most objects have: these are moved in place
    if (members.size() <= few) {
        for (auto it = members.begin(); it != members.end(); ++it)
            std::rotate(std::upper_bound(members.begin(), it, *it, less), it, it + 1);
        return;
    }
    std::vector<std::pair<JsonMember, size_t>> placed;
    placed.reserve(members.size());
    for (JsonMember& member : members) placed.emplace_back(std::move(member), placed.size());
    std::ranges::sort(
        placed, {}, [](const auto& p) { return std::pair<std::string_view, size_t>(p.first.key, p.second); });
    std::ranges::transform(placed, members.begin(), [](auto& p) { return std::move(p.first); });
}

}  // namespace

JsonObject::JsonObject() = default;
JsonObject::JsonObject(const JsonObject&) = default;
JsonObject::JsonObject(JsonObject&&) noexcept = default;
JsonObject& JsonObject::operator=(const JsonObject&) = default;
JsonObject& JsonObject::operator=(JsonObject&&) noexcept = default;
JsonObject::~JsonObject() = default;

JsonObject::JsonObject(std::initializer_list<std::pair<std::string_view, Json>> members) {
    members_.reserve(members.size());
    for (const auto& [key, value] : members) set(key, value);
}

JsonObject JsonObject::from_members(std::vector<JsonMember> members) {
    JsonObject out;
    const auto not_less = [&](const JsonMember& a, const JsonMember& b) { return !less(a, b); };
    if (std::ranges::adjacent_find(members, not_less) == members.end()) {  // sorted and unique already
        out.members_ = std::move(members);
        return out;
    }
    sort_stably(members);
    out.members_.reserve(members.size());
    for (JsonMember& member : members) {
        if (!out.members_.empty() && out.members_.back().key == member.key) out.members_.pop_back();
        out.members_.push_back(std::move(member));
    }
    return out;
}

size_t JsonObject::size() const { return members_.size(); }
JsonObject::const_iterator JsonObject::begin() const { return members_.begin(); }
JsonObject::const_iterator JsonObject::end() const { return members_.end(); }

const Json* JsonObject::find(std::string_view key) const {
    const auto it = std::lower_bound(members_.begin(), members_.end(), key, key_less);
    return it != members_.end() && it->key == key ? &it->value : nullptr;
}

Json* JsonObject::find(std::string_view key) { return const_cast<Json*>(std::as_const(*this).find(key)); }

Json& JsonObject::operator[](std::string_view key) {
    auto it = members_.end();
    if (!members_.empty() && members_.back().key >= key)
        it = std::lower_bound(members_.begin(), members_.end(), key, key_less);
    if (it == members_.end() || it->key != key)
        it = members_.insert(it, JsonMember{std::string(key), Json()});
    return it->value;
}

void JsonObject::set(std::string_view key, Json value) { (*this)[key] = std::move(value); }

bool JsonObject::erase(std::string_view key) {
    const auto it = std::lower_bound(members_.begin(), members_.end(), key, key_less);
    if (it == members_.end() || it->key != key) return false;
    members_.erase(it);
    return true;
}

std::vector<JsonMember> JsonObject::take_members() && { return std::move(members_); }

bool JsonObject::operator==(const JsonObject& other) const { return members_ == other.members_; }

const Json* Json::find(std::string_view key) const {
    const JsonObject* o = object();
    return o ? o->find(key) : nullptr;
}

}  // namespace weft::codec
