// SPDX-License-Identifier: Apache-2.0
#include "codec/json.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace weft::codec {
namespace {

bool key_less(const JsonMember& member, std::string_view key) { return member.key < key; }

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

JsonObject JsonObject::from_members(std::span<std::string> keys, std::span<Json> values) {
    constexpr size_t few = 16;  // as most objects have
    std::array<uint32_t, few> place;
    std::vector<uint32_t> more(keys.size() > few ? keys.size() : 0);
    const std::span<uint32_t> order = more.empty() ? std::span(place).first(keys.size()) : std::span(more);
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, [&](uint32_t a, uint32_t b) {
        const int way = keys[a].compare(keys[b]);
        return way != 0 ? way < 0 : a < b;
    });
    JsonObject out;
    out.members_.reserve(keys.size());
    for (const uint32_t i : order) {
        if (!out.members_.empty() && out.members_.back().key == keys[i]) out.members_.pop_back();
        out.members_.push_back({std::move(keys[i]), std::move(values[i])});
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
