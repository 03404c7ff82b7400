// SPDX-License-Identifier: Apache-2.0
// NodePool: memory for the nodes of a tree, in pieces: near each other in the order in which they come, and
// without what an allocation of its own would cost each.
#pragma once

#include <algorithm>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::flow {

/// Resource type, not thread-safe. What is given back is used again; all memory goes when the last node is
/// given back, or with the pool. A node of half a cache line lies in one.
template <class Node>
class NodePool {
    static_assert(std::is_trivially_destructible_v<Node>);

  public:
    NodePool() = default;
    NodePool(const NodePool&) = delete;
    NodePool& operator=(const NodePool&) = delete;

    Node* make() {
        ++n_used_;
        if (Free* const again = free_) {
            free_ = again->next;
            return new (again) Node;
        }
        if (fresh_ == end_) add_piece();
        return new (std::exchange(fresh_, fresh_ + sizeof(Node))) Node;
    }
    void give_back(Node* node) {
        free_ = new (node) Free{free_};
        if (--n_used_ > 0) return;
        pieces_.clear();
        free_ = nullptr;
        fresh_ = end_ = nullptr;
    }

  private:
    static constexpr size_t smallest = 4, largest = 1024;  // nodes
    static constexpr std::align_val_t line{64};
    struct Free {
        Free* next;
    };
    static_assert(sizeof(Node) >= sizeof(Free) && alignof(Node) == alignof(Free));
    struct Drop {
        void operator()(std::byte* piece) const { ::operator delete(piece, line); }
    };

    void add_piece() {
        const size_t n = std::clamp(n_used_, smallest, largest);
        auto* const piece = static_cast<std::byte*>(::operator new(n * sizeof(Node), line));
        pieces_.emplace_back(piece);
        fresh_ = piece;
        end_ = piece + n * sizeof(Node);
    }

    std::vector<std::unique_ptr<std::byte, Drop>> pieces_;
    Free* free_ = nullptr;
    std::byte *fresh_ = nullptr, *end_ = nullptr;  // what was never used of the newest piece
    size_t n_used_ = 0;
};

}  // namespace weft::flow
