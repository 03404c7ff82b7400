// SPDX-License-Identifier: Apache-2.0
#include "sys/mapping.h"

#include <sys/mman.h>

#include "sys/fd.h"

namespace weft::sys {

Mapping::~Mapping() {
    if (base_) ::munmap(base_, size_);
}

Result<Mapping> Mapping::anonymous(size_t size, bool populate) {
    void* p = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | (populate ? MAP_POPULATE : MAP_NORESERVE), -1, 0);
    if (p == MAP_FAILED) return fail_errno("map " + std::to_string(size) + " bytes");
    return Mapping(static_cast<uint8_t*>(p), size);
}

Result<Mapping> Mapping::shared(int fd, size_t size, int64_t offset, Use use) {
    void* p = ::mmap(nullptr, size, use.protection, MAP_SHARED | MAP_POPULATE, fd, offset);
    if (p == MAP_FAILED) return fail_errno("map " + std::string(use.what));
    return Mapping(static_cast<uint8_t*>(p), size);
}

Result<Mapping> Mapping::reserve(size_t size) {
    void* p = ::mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return fail_errno("reserve " + std::to_string(size) + " bytes of addresses");
    return Mapping(static_cast<uint8_t*>(p), size);
}

Result<void> Mapping::fill(size_t offset, size_t size, int fd, std::string_view what) {
    CHECK(offset + size <= size_);
    void* p =
        ::mmap(base_ + offset, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE | MAP_FIXED, fd, 0);
    if (p == MAP_FAILED) return fail_errno("map " + std::string(what));
    return {};
}

Result<Mapping> Mapping::of(int fd, size_t size, int64_t offset, std::string_view what) {
    return shared(fd, size, offset, {PROT_READ | PROT_WRITE, what});
}

Result<Mapping> Mapping::readable(int fd, size_t size, int64_t offset, std::string_view what) {
    return shared(fd, size, offset, {PROT_READ, what});
}

}  // namespace weft::sys
