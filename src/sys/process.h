// SPDX-License-Identifier: Apache-2.0
// What a process knows of itself and its host.
#pragma once

#include <cstdint>
#include <string>

namespace weft::sys {

int process_id();
/// The name of the program that started this one; "?" if that is not known.
std::string parent_name();
/// The host's name without its domain.
std::string host_name();
/// Peak resident set size.
uint64_t peak_memory_kb();
/// Resident set size now.
uint64_t resident_bytes();
/// Gives unused pages of the heap back to the system; takes time in proportion to the heap.
void trim_heap();
/// Bytes of the heap that nothing uses, whether the system has their pages or not.
uint64_t free_heap_bytes();
/// Keeps all memory, now and later, from being paged out; false if the system refuses.
bool lock_memory();
/// Ends this process as the default action of a signal does, so that its parent sees it.
[[noreturn]] void die_by_signal(int number);
/// "Terminated"
std::string signal_name(int number);

}  // namespace weft::sys
