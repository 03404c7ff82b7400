// SPDX-License-Identifier: Apache-2.0
// Inner maps, many at once.
#include <bpf/bpf.h>

#include <algorithm>
#include <vector>

#include "sys/bpf_object.h"

namespace weft::sys {
namespace {

std::vector<uint32_t> places(const InnerArrays& what) {
    std::vector<uint32_t> out(what.count);
    for (uint32_t i = 0; i < what.count; ++i) out[i] = what.first + i * what.step;
    return out;
}

/// In one call, with one wait for programs, where the kernel can (5.19).
Result<void> put_all(const InnerArrays& what, const std::vector<int>& maps) {
    const std::vector<uint32_t> at = places(what);
    uint32_t n = what.count;
    bpf_map_batch_opts options{};
    options.sz = sizeof options;
    if (bpf_map_update_batch(what.outer, at.data(), maps.data(), &n, &options) == 0) return {};
    for (uint32_t i = 0; i < what.count; ++i) TRY(set_descriptor(what.outer, at[i], maps[i], what.name));
    return {};
}

/// So many that their descriptors are not too many.
Result<void> add_some(const InnerArrays& what, Mapping& memory, size_t offset) {
    const size_t size = size_t{what.value_size} * what.length;
    std::vector<Fd> maps;
    std::vector<int> fds;
    for (uint32_t i = 0; i < what.count; ++i) {
        fds.push_back(maps.emplace_back(TRY(make_inner_array(what))).get());
        TRY(memory.fill(offset + size * i, size, fds.back(), what.name));
    }
    return put_all(what, fds);
}

}  // namespace

Result<Fd> make_inner_array(const InnerArrays& what) {
    bpf_map_create_opts options{};
    options.sz = sizeof options;
    options.map_flags = BPF_F_MMAPABLE;
    const int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, what.name, sizeof(uint32_t), what.value_size,
                                  what.length, &options);
    return fd_or_errno(fd, std::string("make BPF map ") + what.name);
}

Result<Mapping> add_inner_arrays(const InnerArrays& what) {
    constexpr uint32_t at_once = 128;
    const size_t size = size_t{what.value_size} * what.length;
    Mapping memory = TRY(Mapping::reserve(size * what.count));
    for (uint32_t done = 0; done < what.count; done += at_once) {
        InnerArrays some = what;
        some.first += done * what.step;
        some.count = std::min(at_once, what.count - done);
        TRY(add_some(some, memory, size * done));
    }
    return memory;
}

Result<void> replace_inner_arrays(const InnerArrays& what, const Fd& map) {
    return put_all(what, std::vector<int>(what.count, map.get()));
}

}  // namespace weft::sys
