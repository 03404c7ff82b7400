// SPDX-License-Identifier: Apache-2.0
// The rows of a table as a persistent map: a copy costs nothing and keeps what it saw.
#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "ovsdb/row.h"

namespace weft::ovsdb {

/// Value type of 16 bytes. A trie over the bits of the uuid with 32-way nodes that hold only what is there;
/// copies share nodes, and a change copies only those nodes of its path that others still use. Iteration is
/// in uuid order. Copies may go to other threads.
class RowMap {
  public:
    RowMap() = default;
    RowMap(const RowMap& o) noexcept;
    RowMap(RowMap&& o) noexcept : root_(std::exchange(o.root_, nullptr)), size_(std::exchange(o.size_, 0)) {}
    RowMap& operator=(RowMap o) noexcept {
        std::swap(root_, o.root_);
        std::swap(size_, o.size_);
        return *this;
    }
    ~RowMap();

    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// Null if there is no such row. The pointer lives as long as this map is not changed.
    const Row* find(const Uuid& uuid) const;
    bool contains(const Uuid& uuid) const { return find(uuid) != nullptr; }
    /// Inserts the row or replaces the one with the same uuid, which it returns.
    RowPtr set(RowPtr row);
    bool erase(const Uuid& uuid);

    class const_iterator;
    const_iterator begin() const;
    const_iterator end() const;

    /// Same in memory: certainly the same rows.
    bool same(const RowMap& o) const { return root_ == o.root_; }
    /// Calls with (old row or null, new row or null) for every uuid whose row is not the same in memory, in
    /// uuid order. Costs in proportion to the difference: shared parts are passed over.
    using OnDifference = std::function<void(const Row* old_row, const Row* new_row)>;
    static void compare(const RowMap& old_map, const RowMap& new_map, const OnDifference& on_difference);

  private:
    struct Node;
    Node* root_ = nullptr;
    size_t size_ = 0;
};

class RowMap::const_iterator {
  public:
    using value_type = Row;
    using difference_type = ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    using pointer = const Row*;
    using reference = const Row&;

    const_iterator() = default;
    const Row& operator*() const { return *row_; }
    const Row* operator->() const { return row_; }
    const_iterator& operator++();
    const_iterator operator++(int) {
        auto copy = *this;
        ++*this;
        return copy;
    }
    bool operator==(const const_iterator& o) const { return row_ == o.row_; }

  private:
    friend class RowMap;
    explicit const_iterator(const Node* root);
    void settle();
    std::vector<std::pair<const Node*, size_t>> path_;
    const Row* row_ = nullptr;
};

}  // namespace weft::ovsdb
