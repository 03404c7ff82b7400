// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/row_map.h"

#include <algorithm>
#include <atomic>
#include <bit>

namespace weft::ovsdb {
namespace {

/// What a place in a node holds: nothing (0), a Row, or a Node marked in the lowest bit. Each owns a
/// reference.
using Slot = uintptr_t;

constexpr unsigned bits = 5;  // of the uuid, per level
constexpr Slot node_mark = 1;

/// The bits of the uuid that decide at `level`, from the most significant on. At level 25 the last ones do.
unsigned digit(const Uuid& uuid, unsigned level) {
    const size_t byte = level * bits / 8;
    const unsigned low = byte + 1 < uuid.b.size() ? uuid.b[byte + 1] : 0;
    const unsigned window = static_cast<unsigned>(uuid.b[byte]) << 8 | low;
    return window >> (16 - bits - level * bits % 8) & 31;
}

const Row* as_row(Slot s) { return s & node_mark ? nullptr : reinterpret_cast<const Row*>(s); }
Slot slot_of(RowPtr row) { return reinterpret_cast<Slot>(row.release()); }
void drop_row(Slot s) { RowPtr::adopt(as_row(s)); }
void keep_row(Slot s) { RowPtr::share(as_row(s)).release(); }

}  // namespace

/// In memory followed by one slot for each bit of the bitmap.
struct RowMap::Node {
    std::atomic<uint32_t> copies{1};
    uint32_t bitmap;

    Slot* slots() { return reinterpret_cast<Slot*>(this + 1); }
    const Slot* slots() const { return reinterpret_cast<const Slot*>(this + 1); }
    size_t count() const { return static_cast<size_t>(std::popcount(bitmap)); }
    bool has(unsigned d) const { return bitmap >> d & 1; }
    size_t place(unsigned d) const { return static_cast<size_t>(std::popcount(bitmap & ((1u << d) - 1))); }
    Slot at(unsigned d) const { return has(d) ? slots()[place(d)] : 0; }

    static Node* of(Slot s) { return s & node_mark ? reinterpret_cast<Node*>(s & ~node_mark) : nullptr; }
    Slot slot() { return reinterpret_cast<Slot>(this) | node_mark; }

    static Node* make(uint32_t bitmap) {
        const auto n = static_cast<size_t>(std::popcount(bitmap));
        return new (::operator new(sizeof(Node) + n * sizeof(Slot))) Node{.bitmap = bitmap};
    }
    /// Frees the node only, after its slots were moved elsewhere.
    static void discard(Node* node) {
        node->~Node();
        ::operator delete(node);
    }
    static void keep(Slot s) {
        if (Node* node = of(s))
            node->copies.fetch_add(1, std::memory_order_relaxed);
        else
            keep_row(s);
    }
    static void drop(Slot s) {
        if (Node* node = of(s))
            node->release();
        else
            drop_row(s);
    }
    void release() {
        if (copies.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        for (size_t i = 0; i < count(); ++i) drop(slots()[i]);
        discard(this);
    }
    /// The node itself if nobody else uses it, else a copy in its place.
    static Node* own(Node* node) {
        if (node->copies.load(std::memory_order_acquire) == 1) return node;
        Node* copy = make(node->bitmap);
        for (size_t i = 0; i < node->count(); ++i) keep(copy->slots()[i] = node->slots()[i]);
        node->release();
        return copy;
    }
    static Node* with(Node* node, unsigned d, Slot s) {
        Node* wider = make(node->bitmap | 1u << d);
        const size_t p = node->place(d);
        std::copy_n(node->slots(), p, wider->slots());
        wider->slots()[p] = s;
        std::copy(node->slots() + p, node->slots() + node->count(), wider->slots() + p + 1);
        discard(node);
        return wider;
    }
    static Node* without(Node* node, unsigned d) {
        Node* narrower = make(node->bitmap & ~(1u << d));
        const size_t p = node->place(d);
        std::copy_n(node->slots(), p, narrower->slots());
        std::copy(node->slots() + p + 1, node->slots() + node->count(), narrower->slots() + p);
        discard(node);
        return narrower;
    }

    /// A node with two rows of different uuids.
    static Node* of_two(Slot a, Slot b, unsigned level) {
        const unsigned da = digit(as_row(a)->uuid(), level), db = digit(as_row(b)->uuid(), level);
        Node* node = make(1u << da | 1u << db);
        if (da == db) {
            node->slots()[0] = of_two(a, b, level + 1)->slot();
        } else {
            node->slots()[da > db] = a;
            node->slots()[db > da] = b;
        }
        return node;
    }

    static Node* set(Node* node, unsigned level, RowPtr row, RowPtr& replaced) {
        node = own(node);
        const unsigned d = digit(row->uuid(), level);
        if (!node->has(d)) {
            return with(node, d, slot_of(std::move(row)));
        }
        Slot& s = node->slots()[node->place(d)];
        if (Node* child = of(s)) {
            s = set(child, level + 1, std::move(row), replaced)->slot();
        } else if (as_row(s)->uuid() == row->uuid()) {
            replaced = RowPtr::adopt(as_row(std::exchange(s, slot_of(std::move(row)))));
        } else {
            s = of_two(s, slot_of(std::move(row)), level + 1)->slot();
        }
        return node;
    }

    /// The row is there. What replaces the node: a row alone moves up, so that equal maps have equal shape.
    static Slot erase(Node* node, unsigned level, const Uuid& uuid) {
        node = own(node);
        const unsigned d = digit(uuid, level);
        Slot& s = node->slots()[node->place(d)];
        if (Node* child = of(s)) {
            s = erase(child, level + 1, uuid);
        } else {
            drop_row(s);
            node = without(node, d);
        }
        if (node->count() != 1 || of(node->slots()[0])) return node->slot();
        const Slot alone = node->slots()[0];
        discard(node);
        return alone;
    }

    /// What of `s` lies below digit d of a node at `level`.
    static Slot part(Slot s, unsigned d, unsigned level) {
        if (const Node* node = of(s)) return node->at(d);
        return s && digit(as_row(s)->uuid(), level) == d ? s : 0;
    }
    static void compare(Slot a, Slot b, unsigned level, const OnDifference& on_difference) {
        if (a == b) return;
        if (of(a) || of(b)) {
            for (unsigned d = 0; d < 1u << bits; ++d)
                compare(part(a, d, level), part(b, d, level), level + 1, on_difference);
            return;
        }
        const Row *old_row = as_row(a), *new_row = as_row(b);
        if (!old_row || !new_row || old_row->uuid() == new_row->uuid())
            return on_difference(old_row, new_row);
        const bool old_first = old_row->uuid() < new_row->uuid();
        if (old_first) on_difference(old_row, nullptr);
        on_difference(nullptr, new_row);
        if (!old_first) on_difference(old_row, nullptr);
    }
};

RowMap::RowMap(const RowMap& o) noexcept : root_(o.root_), size_(o.size_) {
    if (root_) root_->copies.fetch_add(1, std::memory_order_relaxed);
}

RowMap::~RowMap() {
    if (root_) root_->release();
}

const Row* RowMap::find(const Uuid& uuid) const {
    const Node* node = root_;
    for (unsigned level = 0; node; ++level) {
        const Slot s = node->at(digit(uuid, level));
        if (!s) return nullptr;
        if (const Row* row = as_row(s)) return row->uuid() == uuid ? row : nullptr;
        node = Node::of(s);
    }
    return nullptr;
}

RowPtr RowMap::set(RowPtr row) {
    RowPtr replaced;
    root_ = Node::set(root_ ? root_ : Node::make(0), 0, std::move(row), replaced);
    size_ += !replaced;
    return replaced;
}

bool RowMap::erase(const Uuid& uuid) {
    if (!contains(uuid)) return false;
    const Slot rest = Node::erase(root_, 0, uuid);
    --size_;
    root_ = Node::of(rest);
    if (const Row* alone = as_row(rest)) {  // the root is always a node
        root_ = Node::make(1u << digit(alone->uuid(), 0));
        root_->slots()[0] = rest;
    } else if (size_ == 0) {
        root_->release();
        root_ = nullptr;
    }
    return true;
}

void RowMap::compare(const RowMap& old_map, const RowMap& new_map, const OnDifference& on_difference) {
    Node::compare(old_map.root_ ? old_map.root_->slot() : 0, new_map.root_ ? new_map.root_->slot() : 0, 0,
                  on_difference);
}

RowMap::const_iterator::const_iterator(const Node* root) {
    if (!root) return;
    path_.emplace_back(root, 0);
    settle();
}

/// Down from the current place to the next row.
void RowMap::const_iterator::settle() {
    row_ = nullptr;
    while (!path_.empty()) {
        const auto [node, i] = path_.back();
        if (i == node->count()) {
            path_.pop_back();
            if (!path_.empty()) ++path_.back().second;
            continue;
        }
        if ((row_ = as_row(node->slots()[i]))) return;
        path_.emplace_back(Node::of(node->slots()[i]), 0);
    }
}

RowMap::const_iterator& RowMap::const_iterator::operator++() {
    ++path_.back().second;
    settle();
    return *this;
}

RowMap::const_iterator RowMap::begin() const { return const_iterator(root_); }
RowMap::const_iterator RowMap::end() const { return {}; }

}  // namespace weft::ovsdb
