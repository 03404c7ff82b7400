// SPDX-License-Identifier: Apache-2.0
// The mailbox from translating threads to the control thread.
#pragma once

#include <atomic>

#include "bridge/events.h"
#include "loop/mailbox.h"

namespace weft::bridge {

/// Resource type. post() from any thread; delivery on the control thread's loop.
class Inbox final : public EventSink {
  public:
    static constexpr size_t depth = 8192;

    Inbox() : box_({.depth_max = depth, .name = "bridge"}) {}

    bool post(Event event) override {
        const bool is_stale = std::holds_alternative<Stale>(event);
        if (is_stale && stale_.exchange(true)) return true;  // one is on its way
        if (box_.push(std::move(event))) return true;
        lost_.fetch_add(1, std::memory_order_relaxed);
        if (is_stale) stale_.store(false);
        return false;
    }

    /// Call once, before packets flow.
    void deliver_on(loop::Loop& loop, std::move_only_function<void(Event)> receive) {
        box_.deliver_on(loop, [this, receive = std::move(receive)](Event event) mutable {
            if (std::holds_alternative<Stale>(event)) stale_.store(false);
            receive(std::move(event));
        });
    }
    uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

  private:
    loop::Mailbox<Event> box_;
    std::atomic<bool> stale_{false};
    std::atomic<uint64_t> lost_{0};
};

}  // namespace weft::bridge
