// SPDX-License-Identifier: Apache-2.0
#include "sys/bpf_object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/capability.h>
#include <linux/membarrier.h>
#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sys/kernel_probe.h"

namespace weft::sys {
namespace {

/// What libbpf has to say while it loads something for this thread: the end of it.
thread_local std::string complaint;

int note_complaint(libbpf_print_level level, const char* format, va_list arguments) {
    if (level != LIBBPF_WARN) return 0;
    char line[512];
    const int n = std::vsnprintf(line, sizeof line, format, arguments);
    constexpr size_t kept = 1000;
    complaint += line;
    if (complaint.size() > kept) complaint.erase(0, complaint.size() - kept);
    return n;
}

/// With less than these the kernel refuses at one place or another, and not always by EPERM.
bool has_privileges() {
    constexpr auto has = [](uint64_t all, int one) { return (all >> one & 1) != 0; };
    const uint64_t all = capabilities_of(::getpid());
    const bool may_load = has(all, CAP_SYS_ADMIN) || (has(all, CAP_BPF) && has(all, CAP_PERFMON));
    return may_load && has(all, CAP_NET_ADMIN);
}

std::string remedy(int code) {
    if (code == ENOSYS) return " (the kernel has no bpf(2), or a seccomp filter forbids it)";
    if (::access(kernel_types_file, R_OK) != 0)
        return std::string(" (there is no ") + kernel_types_file +
               ": it takes a kernel built with CONFIG_DEBUG_INFO_BTF, and /sys mounted)";
    return "";
}

std::unexpected<Error> refused(const std::string& what, int code) {
    std::string message = what + ": " + std::strerror(code);
    if (code != ENOSYS && !has_privileges())
        return fail(message + " (it takes CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN)", code);
    message += remedy(code);
    if (!complaint.empty()) message += "; " + complaint;
    while (message.ends_with('\n')) message.pop_back();
    std::ranges::replace(message, '\n', ' ');
    return fail(std::move(message), code);
}

}  // namespace

Result<std::unique_ptr<BpfObject>> BpfObject::load(ByteSpan elf, const std::string& name,
                                                   const BpfConstant& constant,
                                                   std::span<const BpfMap> shared) {
    libbpf_set_print(note_complaint);
    complaint.clear();
    bpf_object_open_opts options{};
    options.sz = sizeof options;
    options.object_name = name.c_str();
    ::bpf_object* opened = bpf_object__open_mem(elf.data(), elf.size(), &options);
    if (!opened) return refused("open BPF object " + name, errno);
    std::unique_ptr<BpfObject> object(new BpfObject(opened));
    if (!constant.name.empty()) TRY(object->fill_in(constant));
    for (const BpfMap& map : shared)
        if (const int error = bpf_map__reuse_fd(TRY(object->find_map(map.name)), map.fd))
            return refused("share BPF map " + map.name, -error);
    if (const int error = bpf_object__load(opened)) return refused("load BPF object " + name, -error);
    ::malloc_trim(0);  // of the kernel's types, several megabytes, nothing is needed any more
    return object;
}

BpfObject::~BpfObject() { bpf_object__close(object_); }

Result<int> BpfObject::program(const std::string& name) const {
    const ::bpf_program* program = bpf_object__find_program_by_name(object_, name.c_str());
    if (!program) return fail("there is no BPF program " + name, ENOENT);
    return bpf_program__fd(program);
}

Result<::bpf_map*> BpfObject::find_map(const std::string& name) const {
    ::bpf_map* map = bpf_object__find_map_by_name(object_, name.c_str());
    if (!map) return fail("there is no BPF map " + name, ENOENT);
    return map;
}

Result<int> BpfObject::map(const std::string& name) const { return bpf_map__fd(TRY(find_map(name))); }

Result<size_t> BpfObject::offset_of(const std::string& section, const std::string& name, size_t size) const {
    const ::btf* types = bpf_object__btf(object_);
    const int id = types ? btf__find_by_name_kind(types, section.c_str(), BTF_KIND_DATASEC) : -ENOENT;
    if (id < 0) return fail("BPF object without a section " + section, ENOENT);
    const btf_type* datasec = btf__type_by_id(types, static_cast<uint32_t>(id));
    const btf_var_secinfo* variables = btf_var_secinfos(datasec);
    for (uint32_t i = 0; i < btf_vlen(datasec); ++i) {
        const btf_type* variable = btf__type_by_id(types, variables[i].type);
        if (name != btf__name_by_offset(types, variable->name_off)) continue;
        if (variables[i].size != size) return fail("BPF variable " + name + " has another size", EINVAL);
        return variables[i].offset;
    }
    return fail("there is no BPF variable " + name, ENOENT);
}

Result<BpfObject::Variable> BpfObject::variable(const std::string& section, const std::string& name,
                                                size_t size) const {
    const ::bpf_map* map = TRY(find_map(section));
    return Variable{bpf_map__fd(map), TRY(offset_of(section, name, size)), bpf_map__value_size(map)};
}

Result<void> BpfObject::fill_in(const BpfConstant& constant) {
    const size_t offset = TRY(offset_of(".rodata", constant.name, constant.value.size()));
    size_t size = 0;
    auto* at =
        static_cast<uint8_t*>(const_cast<void*>(bpf_map__initial_value(TRY(find_map(".rodata")), &size)));
    CHECK(at && offset + constant.value.size() <= size);
    std::memcpy(at + offset, constant.value.data(), constant.value.size());
    return {};
}

Result<uint32_t> verified_instructions(int program) {
    bpf_prog_info info{};
    uint32_t size = sizeof info;
    if (bpf_obj_get_info_by_fd(program, &info, &size) != 0) return fail_errno("ask about a BPF program");
    return info.verified_insns;
}

Result<std::string> program_name(uint32_t number) {
    const Fd program = TRY(fd_or_errno(bpf_prog_get_fd_by_id(number), "open a BPF program"));
    bpf_prog_info info{};
    uint32_t size = sizeof info;
    if (bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0)
        return fail_errno("ask about a BPF program");
    return std::string(info.name);
}

Result<void> set_descriptor(int map, uint32_t index, int fd, const char* what) {
    if (bpf_map_update_elem(map, &index, &fd, BPF_ANY) == 0) return {};
    return fail_errno(what);
}

Result<MapShape> map_shape(int map) {
    bpf_map_info info{};
    uint32_t size = sizeof info;
    if (bpf_obj_get_info_by_fd(map, &info, &size) != 0) return fail_errno("ask about a BPF map");
    return MapShape{info.value_size, info.max_entries};
}

Result<Fd> inner_map(int outer, uint32_t index) {
    uint32_t id = 0;
    if (bpf_map_lookup_elem(outer, &index, &id) != 0) return fail_errno("look up an inner BPF map");
    return fd_or_errno(bpf_map_get_fd_by_id(id), "open an inner BPF map");
}

void wait_for_programs() { (void)::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0); }

namespace {

template <class Context>
Result<TestResult> run_with(int program, ByteSpan frame, Context context) {
    constexpr size_t growth = 64;  // by tags
    TestResult result;
    result.frame.resize(frame.size() + growth);
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.data_in = frame.data();
    options.data_size_in = static_cast<uint32_t>(frame.size());
    options.data_out = result.frame.data();
    options.data_size_out = static_cast<uint32_t>(result.frame.size());
    options.ctx_in = &context;
    options.ctx_size_in = sizeof context;
    options.repeat = 1;
    if (bpf_prog_test_run_opts(program, &options) != 0) return fail_errno("run a BPF program");
    result.code = options.retval;
    result.frame.resize(options.data_size_out);
    return result;
}

uint32_t device_of(const TestRun& what) { return what.ifindex ? what.ifindex : 1; }

}  // namespace

Result<TestResult> test_run(int program, const TestRun& what) {
    __sk_buff context{};
    context.ifindex = device_of(what);
    return run_with(program, what.frame, context);
}

Result<TestResult> test_run_xdp(int program, const TestRun& what) {
    xdp_md context{};
    context.data_end = static_cast<uint32_t>(what.frame.size());
    context.ingress_ifindex = device_of(what);
    return run_with(program, what.frame, context);
}

}  // namespace weft::sys
