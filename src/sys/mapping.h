// SPDX-License-Identifier: Apache-2.0
// Memory from mmap with an owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace weft::sys {

/// Resource type: unmaps on destruction; moves.
class Mapping {
  public:
    Mapping() = default;
    Mapping(Mapping&& o) noexcept : base_(o.base_), size_(o.size_) {
        o.base_ = nullptr;
        o.size_ = 0;
    }
    Mapping& operator=(Mapping&& o) noexcept {
        std::swap(base_, o.base_);
        std::swap(size_, o.size_);
        return *this;
    }
    ~Mapping();

    /// Zeroed pages that cost memory only once touched, or at once if `populate`.
    static Result<Mapping> anonymous(size_t size, bool populate);
    /// What `fd` offers at `offset`, shared with the kernel and populated.
    static Result<Mapping> of(int fd, size_t size, int64_t offset, std::string_view what);
    /// The same, for reading only.
    static Result<Mapping> readable(int fd, size_t size, int64_t offset, std::string_view what);
    /// Addresses without memory, for fill().
    static Result<Mapping> reserve(size_t size);
    /// What `fd` offers from its beginning on, at `offset` of ours, as of() has it.
    Result<void> fill(size_t offset, size_t size, int fd, std::string_view what);

    uint8_t* at(size_t offset) const { return base_ + offset; }
    size_t size() const { return size_; }

  private:
    struct Use {
        int protection;
        std::string_view what;
    };
    static Result<Mapping> shared(int fd, size_t size, int64_t offset, Use use);
    Mapping(uint8_t* base, size_t size) : base_(base), size_(size) {}
    uint8_t* base_ = nullptr;
    size_t size_ = 0;
};

}  // namespace weft::sys
