// SPDX-License-Identifier: Apache-2.0
#include "sys/bpf_arena.h"

#include <bpf/bpf.h>
#include <sys/mman.h>

#include <algorithm>

#include "sys/fd.h"

namespace weft::sys {
namespace {

// Where neither libraries nor the program and its heap are on x86-64, so that an arena of another process
// finds its place free, and where sanitizers let memory be. Elsewhere the kernel chooses.
constexpr uint64_t first_address = 0x5500'0000'0000, last_address = 0x5550'0000'0000;

bool is_taken(std::span<const uint64_t> taken, uint64_t address) {
    return std::ranges::find(taken, address) != taken.end();
}

}  // namespace

Result<Mapping> reserve_arena(std::span<const uint64_t> taken) {
    for (uint64_t address = first_address; address < last_address; address += arena_size) {
        if (is_taken(taken, address)) continue;
        if (auto reserved = Mapping::reserved(address, arena_size)) return reserved;
    }
    // Twice as much, to find a multiple of the size in it.
    const uint64_t anywhere = reinterpret_cast<uint64_t>(TRY(Mapping::reserved(0, 2 * arena_size)).at(0));
    return Mapping::reserved((anywhere + arena_size - 1) & ~(arena_size - 1), arena_size);
}

Result<void> map_arena(const Mapping& reserved, int fd) {
    if (::mmap(reserved.at(0), reserved.size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
        MAP_FAILED)
        return fail_errno("map a BPF arena");
    return {};
}

Result<uint64_t> arena_address(int fd) {
    bpf_map_info info{};
    uint32_t size = sizeof info;
    if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) return fail_errno("ask about a BPF arena");
    return info.map_extra;
}

Result<Mapping> open_arena(int fd) {
    const uint64_t address = TRY(arena_address(fd));
    auto reserved = TRY(Mapping::reserved(address, arena_size));
    if (::mmap(reserved.at(0), reserved.size(), PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
        return fail_errno("map another process's BPF arena");
    return reserved;
}

Result<void> populate(uint8_t* at, size_t size) {
    if (::madvise(at, size, MADV_POPULATE_WRITE) != 0)
        return fail_errno("have " + std::to_string(size) + " bytes of a BPF arena");
    return {};
}

}  // namespace weft::sys
