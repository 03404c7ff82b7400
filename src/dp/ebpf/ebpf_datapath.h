// SPDX-License-Identifier: Apache-2.0
// The eBPF datapath: the userspace datapath with a copy of its flows in the kernel, where programs at tc
// ingress, and XDP where it is asked for, forward what they can. User space owns the truth and does the rest.
#pragma once

#include <map>
#include <optional>

#include "dp/ebpf/hint_switch.h"
#include "dp/ebpf/kernel_flows.h"
#include "dp/ebpf/kernel_meters.h"
#include "dp/ebpf/predecessor.h"
#include "dp/ebpf/straight_way.h"
#include "dp/ebpf/upcall_thread.h"
#include "dp/ebpf/xdp_hook.h"
#include "dp/user/user_datapath.h"
#include "sys/ingress_program.h"

namespace weft::dp {

/// Resource type; calls as for UserDatapath.
class EbpfDatapath final : public UserDatapath {
  public:
    using Method = sys::IngressProgram::Method;
    struct How {
        Method method = Method::best;
        /// A folder in a BPF file system, of this switch alone: programs stay on the devices when the process
        /// ends while it has ports, and those of an earlier process are found there. Empty: they end with us.
        std::string keep_in{};
        bool adopt = true;  ///< false, for tests: what an earlier process left goes, with its flows
    };
    /// The error says what the kernel or the privileges lack.
    static Result<std::unique_ptr<EbpfDatapath>> open(const loop::Clock& clock, Options options, How how);
    /// What is kept stays if a port is left; else nothing does.
    ~EbpfDatapath() override;

    void hold() override;
    std::vector<LeftFlow> left_flows() const override;
    bool outlives_process() const override { return pins_.has_value(); }
    Result<void> go() override;
    Result<DpPort> add_port(const PortSpec& spec) override;
    /// Option "ebpf-hook": auto, tc or xdp; without it nothing changes. Where XDP cannot be, tc alone serves,
    /// and the port's status says why.
    Result<void> set_port_options(DpPort port, const PortSpec& spec) override;
    Result<void> remove_port(DpPort port) override;
    std::vector<PortState> ports() const override;
    Result<PortState> port_state(DpPort port) const override;
    Result<PortStats> port_stats(DpPort port) const override;
    DropCounts port_drops(DpPort port) const override;
    void note_news() override;
    void set_vlan_limit(unsigned tags) override;
    /// While there is a tap, every packet goes up.
    bool set_tap(const std::optional<flow::Match>& match) override;
    DatapathStats stats() const override;
    std::vector<DatapathFact> facts() const override;
    DropCounts drops() const override;
    Time run(Time now) override;

    /// What the programs counted, of all cores.
    weft_counters program_counters() const;
    KernelFlows::Counts flow_counts() const { return flows_->counts(); }
    int ingress_program() const { return program_->ingress(); }
    /// -1 while no port has asked for XDP.
    int xdp_program() const { return xdp_ ? xdp_->program() : -1; }
    /// Waits until all that has gone up by now was forwarded.
    void settle() const;

  private:
    EbpfDatapath(const loop::Clock& clock, Options options, Devices devices,
                 std::unique_ptr<KernelProgram> program, How how);
    Result<void> start();
    Result<std::unique_ptr<Port>> open_port(DpPort number, const PortSpec& spec) override;
    bool is_tap(const std::string& name) const;
    Result<void> connect(DpPort number);
    Result<void> announce(DpPort number, int ifindex);
    void disconnect(DpPort number);
    Result<void> keep();
    Result<void> attach_all();
    Result<void> replace_predecessors();
    void let_go();
    void follow_mtu();
    std::map<std::string, std::string> hook_status(const PortState& port) const;
    PortState with_hook(PortState state) const;
    weft_in_port* in_port_slot(uint32_t ifindex);

    /// A device that the programs know.
    struct Attached {
        int ifindex = 0;
        bool by_program = false;                       ///< else what it sends comes another way
        std::unique_ptr<sys::IngressProgram> program;  ///< null also while held
        HookChoice wanted = HookChoice::automatic;
        std::unique_ptr<sys::XdpProgram> xdp;  ///< before `program`; null: not used
        int xdp_mtu = 0;                       ///< the device's when that was attached
        std::string no_xdp;                    ///< why not, though wanted
    };
    Result<void> attach(DpPort number, Attached& attached);
    void end_promiscuous_without_port();
    void choose_hook(DpPort number, Attached& attached);
    Result<std::unique_ptr<sys::XdpProgram>> attach_xdp(DpPort number, Attached& attached);
    void take_pieces(DpPort number, Attached& attached);
    Result<void> load_xdp();
    void tell_xdp(DpPort number, const Attached& attached);
    void follow_xdp();
    void open_straight_ways(Time now);
    void close_straight_ways();
    void set_straight(DpPort number, uint64_t address);
    void weigh_hints();

    const How how_;
    std::optional<PinFolder> pins_;
    std::string generation_;                ///< where our maps are pinned
    std::vector<std::string> predecessor_;  ///< the maps of earlier processes
    std::unique_ptr<KernelProgram> program_;
    KernelMeters meters_{program_->meters()};
    std::unique_ptr<XdpHook> xdp_;  ///< null: no port has asked for it, or it could not be loaded
    std::unique_ptr<KernelFlows> flows_;
    std::unique_ptr<UpcallThread> upcalls_;  ///< null while held
    std::map<DpPort, Attached> attached_;
    StraightWay straight_{*kernel_->netlink};
    DpPort next_straight_{};  ///< where the next look at other ends begins
    Time followed_{};         ///< what is looked at once in a second
    HintSwitch hint_switch_;
    weft_counters weighed_{};  ///< what programs had counted by then
    /// Ports that only user space sends by; read by any thread that puts flows.
    std::array<std::atomic<bool>, weft_ports_max> user_only_{};
};

}  // namespace weft::dp
