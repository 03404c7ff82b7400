// SPDX-License-Identifier: Apache-2.0
#include "sys/process.h"

#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

namespace weft::sys {

int process_id() { return ::getpid(); }

std::string parent_name() {
    std::string name;
    std::getline(std::ifstream("/proc/" + std::to_string(::getppid()) + "/comm"), name);
    return name.empty() ? "?" : name;
}

std::string host_name() {
    char name[256] = "";
    ::gethostname(name, sizeof name - 1);
    return std::string(name, strcspn(name, "."));
}

uint64_t peak_memory_kb() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<uint64_t>(usage.ru_maxrss);
}

uint64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    uint64_t pages = 0, resident = 0;
    file >> pages >> resident;
    return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

void trim_heap() { ::malloc_trim(0); }

uint64_t free_heap_bytes() { return ::mallinfo2().fordblks; }

bool lock_memory() { return ::mlockall(MCL_CURRENT | MCL_FUTURE) == 0; }

void die_by_signal(int number) {
    ::signal(number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
    ::raise(number);
    std::abort();
}

std::string signal_name(int number) { return ::strsignal(number); }

}  // namespace weft::sys
