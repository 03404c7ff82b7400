// SPDX-License-Identifier: Apache-2.0
// PublishedArray: an array of a power of two elements that a writer replaces as a whole.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace weft::flow {

/// Resource type. One writer at a time; any number of readers at the same time, which never wait. Place and
/// size are one word, so that a reader who has it is one step from the element.
template <class T>
class PublishedArray {
  public:
    /// Value type; borrows the array.
    class View {
      public:
        explicit View(uint64_t word)
            : first_(reinterpret_cast<T*>(word & ~uint64_t{0} >> size_bits)),
              last_((size_t{1} << (word >> size_shift)) - 1) {}
        size_t size() const { return last_ + 1; }
        /// Any number: the array is a ring.
        T& operator[](size_t i) const { return first_[i & last_]; }

      private:
        T* first_;
        size_t last_;
    };

    /// `size` is a power of two.
    explicit PublishedArray(size_t size) : owned_(std::make_unique<T[]>(size)) {
        const auto place = reinterpret_cast<uint64_t>(owned_.get());
        word_.store(place | static_cast<uint64_t>(std::countr_zero(size)) << size_shift,
                    std::memory_order_relaxed);
    }
    PublishedArray(const PublishedArray&) = delete;
    PublishedArray& operator=(const PublishedArray&) = delete;

    /// Any thread.
    View view() const { return View(word_.load(std::memory_order_acquire)); }
    /// The writer: readers get what `fresh` has, and it what readers may still be at.
    void exchange(PublishedArray& fresh) {
        const uint64_t mine = word_.load(std::memory_order_relaxed);
        word_.store(fresh.word_.load(std::memory_order_relaxed), std::memory_order_release);
        fresh.word_.store(mine, std::memory_order_relaxed);
        owned_.swap(fresh.owned_);
    }
    /// For Retire.
    std::shared_ptr<const void> release() { return std::shared_ptr<T[]>(std::move(owned_)); }

  private:
    // User space has no addresses above.
    static constexpr unsigned size_bits = 8, size_shift = 64 - size_bits;

    std::atomic<uint64_t> word_;  // the first member: what readers look at
    std::unique_ptr<T[]> owned_;
};

}  // namespace weft::flow
