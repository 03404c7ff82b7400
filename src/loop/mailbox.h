// SPDX-License-Identifier: Apache-2.0
// One-way, bounded, typed mailboxes between threads.
#pragma once

#include <atomic>
#include <bit>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loop/loop.h"

namespace weft::loop {

/// Calls a loop once however often it is rung before the call runs. Resource type; ring() from any thread,
/// the rest on the loop's thread.
class Doorbell {
  public:
    Doorbell(Loop& loop, Call answer);
    ~Doorbell();
    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;
    void ring();

  private:
    struct State {
        std::atomic<bool> rung{false};
        bool alive = true;
        Call answer;
    };
    Loop& loop_;
    std::shared_ptr<State> state_;
};

/// Many senders, one receiver. Resource type. push() may be called from any thread and never blocks; a full
/// box refuses. The receiver either takes from a polling thread, or has a loop deliver.
template <class T>
class Mailbox {
  public:
    struct Options {
        size_t depth_max = 4096;  ///< rounded up to a power of two
        std::string name = {};
    };
    explicit Mailbox(Options options)
        : name_(std::move(options.name)), slots_(std::bit_ceil(options.depth_max)), mask_(slots_.size() - 1) {
        for (size_t i = 0; i < slots_.size(); ++i) slots_[i].turn.store(i, std::memory_order_relaxed);
    }

    const std::string& name() const { return name_; }

    /// False if the box is full; `value` is then gone, which the caller counts as a drop.
    bool push(T value) {
        size_t at = tail_.load(std::memory_order_relaxed);
        for (;;) {
            Slot& slot = slots_[at & mask_];
            const size_t turn = slot.turn.load(std::memory_order_acquire);
            if (turn == at) {
                if (tail_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
                    slot.value.emplace(std::move(value));
                    slot.turn.store(at + 1, std::memory_order_release);
                    break;
                }
            } else if (turn < at) {
                return false;
            } else {
                at = tail_.load(std::memory_order_relaxed);
            }
        }
        if (auto* bell = bell_.load(std::memory_order_acquire)) bell->ring();
        return true;
    }

    /// The receiver's thread only.
    std::optional<T> take() {
        Slot& slot = slots_[head_ & mask_];
        if (slot.turn.load(std::memory_order_acquire) != head_ + 1) return std::nullopt;
        std::optional<T> out = std::exchange(slot.value, std::nullopt);
        slot.turn.store(head_ + slots_.size(), std::memory_order_release);
        ++head_;
        return out;
    }

    /// Calls `receive` on `loop` for each message, a batch per turn so that timers and sockets get theirs.
    /// Call it once, before messages are sent; the box must then end on the loop's thread, after its senders
    /// stopped.
    void deliver_on(Loop& loop, std::move_only_function<void(T)> receive) {
        own_bell_.emplace(loop, [this, receive = std::move(receive)]() mutable {
            constexpr int batch = 64;
            for (int i = 0; i < batch; ++i) {
                auto message = take();
                if (!message) return;
                receive(std::move(*message));
            }
            own_bell_->ring();
        });
        bell_.store(&*own_bell_, std::memory_order_release);
        own_bell_->ring();
    }

  private:
    // A slot belongs to the sender of message n while turn == n, to the receiver while turn == n + 1.
    struct Slot {
        std::atomic<size_t> turn{0};
        std::optional<T> value;
    };
    std::string name_;
    std::vector<Slot> slots_;
    const size_t mask_;
    std::atomic<Doorbell*> bell_{nullptr};
    alignas(64) std::atomic<size_t> tail_{0};
    alignas(64) size_t head_ = 0;
    std::optional<Doorbell> own_bell_;
};

}  // namespace weft::loop
