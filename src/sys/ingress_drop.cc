// SPDX-License-Identifier: Apache-2.0
#include "sys/ingress_drop.h"

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

namespace weft::sys {
namespace {

Result<Fd> load_program() {
    bpf_insn code[2]{};
    code[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
    code[0].dst_reg = BPF_REG_0;
    code[0].imm = TC_ACT_SHOT;
    code[1].code = BPF_JMP | BPF_EXIT;
    bpf_attr attr{};
    attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
    attr.insns = reinterpret_cast<uint64_t>(code);
    attr.insn_cnt = 2;
    attr.license = reinterpret_cast<uint64_t>("Apache-2.0");
    std::strncpy(attr.prog_name, "weft_drop", sizeof attr.prog_name - 1);
    return fd_or_errno(static_cast<int>(::syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr)),
                       "load the ingress filter");
}

}  // namespace

Result<std::unique_ptr<IngressProgram>> attach_ingress_drop(Netlink& netlink, int ifindex,
                                                            IngressProgram::Method method) {
    const auto program = load_program();
    // Without the privilege for bpf(2), or without bpf(2).
    if (!program && method == IngressProgram::Method::best)
        return IngressProgram::attach_classic_drop(netlink, ifindex);
    if (!program) return std::unexpected(program.error());
    return IngressProgram::attach(netlink, ifindex, program->get(), {.method = method});
}

}  // namespace weft::sys
