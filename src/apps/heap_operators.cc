// SPDX-License-Identifier: Apache-2.0
// operator new and delete of a program that measures its heap (obs/heap.h); linked where they are wanted. The
// forms for arrays and for nothrow call these. Sanitizers have their own.
#include <new>

#include "obs/heap.h"

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && !__has_feature(memory_sanitizer)

namespace {

void* allocate(std::size_t size, std::size_t alignment = 0) {
    for (;;) {
        if (void* p = weft::obs::heap_allocate(size, alignment)) return p;
        const std::new_handler handler = std::get_new_handler();
        if (!handler) throw std::bad_alloc();
        handler();
    }
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { weft::obs::heap_free(p); }
void operator delete(void* p, std::size_t) noexcept { weft::obs::heap_free(p); }
void operator delete(void* p, std::align_val_t) noexcept { weft::obs::heap_free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { weft::obs::heap_free(p); }

#endif
