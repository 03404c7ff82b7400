// SPDX-License-Identifier: Apache-2.0
#include "sys/kernel_probe.h"

#include <linux/bpf.h>
#include <linux/magic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <fstream>

#include "sys/fd.h"

namespace weft::sys {
namespace {

constexpr uint32_t tcx_ingress = 46;  // BPF_TCX_INGRESS, missing from Debian 12's headers

int bpf(bpf_cmd command, bpf_attr& attr) {
    return static_cast<int>(::syscall(SYS_bpf, command, &attr, sizeof attr));
}

/// "Return 0", of the kind that forwards.
Fd load_smallest() {
    bpf_insn code[2]{};
    code[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
    code[1].code = BPF_JMP | BPF_EXIT;
    bpf_attr attr{};
    attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
    attr.insns = reinterpret_cast<uint64_t>(code);
    attr.insn_cnt = std::size(code);
    attr.license = reinterpret_cast<uint64_t>("Apache-2.0");
    return Fd(bpf(BPF_PROG_LOAD, attr));
}

/// A kernel that knows tcx looks for the device first.
bool knows_tcx(int program) {
    bpf_attr attr{};
    attr.link_create.prog_fd = static_cast<uint32_t>(program);
    attr.link_create.target_ifindex = INT_MAX;
    attr.link_create.attach_type = static_cast<bpf_attach_type>(tcx_ingress);
    return bpf(BPF_LINK_CREATE, attr) < 0 && errno == ENODEV;
}

bool is_bpf_file_system(const char* path) {
    struct statfs info{};
    return ::statfs(path, &info) == 0 && info.f_type == BPF_FS_MAGIC;
}

bool is_jit_on() {
    int value = 1;  // a kernel that always compiles may not say so
    std::ifstream("/proc/sys/net/core/bpf_jit_enable") >> value;
    return value != 0;
}

}  // namespace

KernelProbe probe_kernel() {
    KernelProbe out;
    utsname name{};
    if (::uname(&name) == 0) {
        out.release = name.release;
        std::sscanf(name.release, "%u.%u", &out.major, &out.minor);
    }
    const Fd program = load_smallest();
    if (program.get() < 0)
        out.load_error = errno;
    else
        out.has_tcx = knows_tcx(program.get());
    out.has_types = ::access(kernel_types_file, R_OK) == 0;
    out.has_file_system = is_bpf_file_system(bpf_file_system);
    out.compiles = is_jit_on();
    out.has_xdp_sockets = Fd(::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0)).get() >= 0;
    return out;
}

uint64_t capabilities_of(int pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string word; status >> word;) {
        if (word != "CapEff:") continue;
        uint64_t bits = 0;
        status >> std::hex >> bits;
        return bits;
    }
    return 0;
}

}  // namespace weft::sys
