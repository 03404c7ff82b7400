// SPDX-License-Identifier: Apache-2.0
// A hash table that grows a part at a time.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>

namespace weft::ovsdb {

/// Like an unordered_flat_map, but as many of them: of a million entries it moves some thousands at a time,
/// where one table would move all of them while everybody waits. Entries do not stay where they are. Move
/// only.
template <class Key, class Value, class Hash>
class ShardedMap {
  public:
    using Shard = boost::unordered_flat_map<Key, Value, Hash>;
    static constexpr size_t shards = 64;

    /// Null if there is none.
    Value* find(const Key& key) {
        if (!shards_) return nullptr;
        Shard& shard = shard_of(key);
        const auto it = shard.find(key);
        return it == shard.end() ? nullptr : &it->second;
    }
    const Value* find(const Key& key) const { return const_cast<ShardedMap*>(this)->find(key); }
    /// Made if it is not there.
    Value& operator[](const Key& key) {
        if (!shards_) shards_ = std::make_unique<Shard[]>(shards);
        return shard_of(key)[key];
    }
    /// It must be there.
    void erase(const Key& key) { shard_of(key).erase(key); }

  private:
    // The shards themselves place by the upper bits.
    Shard& shard_of(const Key& key) { return shards_[Hash{}(key) >> 16 & (shards - 1)]; }

    std::unique_ptr<Shard[]> shards_;
};

}  // namespace weft::ovsdb
