// SPDX-License-Identifier: Apache-2.0
// eBPF programs and maps in the kernel, by libbpf.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "sys/fd.h"
#include "sys/mapping.h"

struct bpf_object;
struct bpf_map;

namespace weft::sys {

/// What is to be filled in before the programs are loaded: a constant of theirs.
struct BpfConstant {
    std::string name;
    ByteSpan value;  ///< as large as the variable
};

/// A map of other programs that is to be theirs too.
struct BpfMap {
    std::string name;
    int fd = -1;
};

/// Programs of one object file with their maps. Resource type: they leave the kernel with it, as far as
/// nothing else holds them (a link, a packet under way).
class BpfObject {
  public:
    /// The error names what the kernel refused and what the verifier said last.
    static Result<std::unique_ptr<BpfObject>> load(ByteSpan elf, const std::string& name,
                                                   const BpfConstant& constant,
                                                   std::span<const BpfMap> shared = {});
    ~BpfObject();
    BpfObject(const BpfObject&) = delete;
    BpfObject& operator=(const BpfObject&) = delete;

    /// Descriptors, which the object owns.
    Result<int> program(const std::string& name) const;
    Result<int> map(const std::string& name) const;
    /// A variable of the programs: the map that holds it, and where in it.
    struct Variable {
        int map = -1;
        size_t offset = 0, map_size = 0;
    };
    Result<Variable> variable(const std::string& section, const std::string& name, size_t size) const;

  private:
    explicit BpfObject(::bpf_object* object) : object_(object) {}
    Result<::bpf_map*> find_map(const std::string& name) const;
    Result<size_t> offset_of(const std::string& section, const std::string& name, size_t size) const;
    Result<void> fill_in(const BpfConstant& constant);
    ::bpf_object* object_;
};

/// Instructions that the verifier looked at: what a program costs to load, up to a million (Linux 5.16).
Result<uint32_t> verified_instructions(int program);

/// The name of the program that the kernel knows by a number; it takes CAP_SYS_ADMIN.
Result<std::string> program_name(uint32_t number);

/// Array maps for one map of maps, whose inner maps all have this length.
struct InnerArrays {
    const char* name;
    int outer;
    uint32_t value_size, length;
    uint32_t first, step, count;  ///< places: first, first + step ...
};
/// Makes them, puts them there and maps their memory, which is in one piece; it returns when no program that
/// uses what was there before still runs.
Result<Mapping> add_inner_arrays(const InnerArrays& what);
/// Puts one map at each of those places instead.
Result<void> replace_inner_arrays(const InnerArrays& what, const Fd& map);
Result<Fd> make_inner_array(const InnerArrays& what);
/// Sets an element whose value is a descriptor: of a program, or of a map. It returns when no program that
/// uses the old one still runs, if that was a map.
Result<void> set_descriptor(int map, uint32_t index, int fd, const char* what);
/// How long a map is and how large its values are.
struct MapShape {
    uint32_t value_size = 0, length = 0;
};
Result<MapShape> map_shape(int map);
/// The map at a place of a map of maps; code ENOENT if there is none.
Result<Fd> inner_map(int outer, uint32_t index);
/// Waits until every program that runs now has ended: a few milliseconds.
void wait_for_programs();

struct TestRun {
    ByteSpan frame;
    uint32_t ifindex = 0;  ///< device it came by; 0: the loopback device
};
struct TestResult {
    uint32_t code = 0;  ///< a TC_ACT_ or XDP_
    Bytes frame;        ///< what became of it
};
/// What a program for tc makes of a frame (BPF_PROG_TEST_RUN); it goes nowhere.
Result<TestResult> test_run(int program, const TestRun& what);
/// The same for XDP.
Result<TestResult> test_run_xdp(int program, const TestRun& what);

}  // namespace weft::sys
