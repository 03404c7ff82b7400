// SPDX-License-Identifier: Apache-2.0
// Memory that user space and programs in the kernel share at the same place in 4 GiB of addresses
// (BPF_MAP_TYPE_ARENA, Linux 6.9): programs read it without a call, and pages come as they are first written
// to.
#pragma once

#include <span>

#include "base/result.h"
#include "sys/mapping.h"

namespace weft::sys {

inline constexpr uint64_t arena_size = uint64_t{1} << 32;

/// Addresses for an arena, reserved, and none of those that are `taken`: an arena has the same ones in every
/// process.
Result<Mapping> reserve_arena(std::span<const uint64_t> taken);
/// Puts the arena there, for which it must have been made.
Result<void> map_arena(const Mapping& reserved, int fd);
/// Where that arena is, in every process.
Result<uint64_t> arena_address(int fd);
/// One that another process has made, for reading.
Result<Mapping> open_arena(int fd);
/// Has pages there, so that nobody waits for them later; an error if there is no memory.
Result<void> populate(uint8_t* at, size_t size);

}  // namespace weft::sys
