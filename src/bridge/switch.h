// SPDX-License-Identifier: Apache-2.0
// The whole switch: makes the wanted state true, keyed by name, as often as it changes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "bridge/backer.h"
#include "bridge/checkpointer.h"
#include "bridge/config.h"
#include "bridge/in_band.h"
#include "bridge/of_switch.h"
#include "bridge/openflow_side.h"
#include "obs/log.h"

namespace weft::bridge {

/// What a switch stands on; passed in, so that several live in one process.
struct Environment {
    /// The type of datapath that serves bridges with this datapath_type; none: unknown. Asked again when that
    /// one cannot be opened.
    std::function<std::optional<std::string>(std::string_view)> resolve_type;
    /// Why it is another than bridges of this datapath_type ask for; empty: it is not. May be null.
    std::function<std::string(std::string_view)> why_other_type;
    /// Open_vSwitch:other_config, before types are resolved; may be null.
    std::function<void(const StringMap&)> note_settings;
    std::function<Result<std::unique_ptr<dp::Datapath>>(const std::string& type)> open_datapath;
    std::function<std::unique_ptr<OpenflowSide>(const Bridge&, openflow::Switch&)> open_openflow;
    /// Settings of Open_vSwitch:other_config that concern a datapath (pmd-cpu-mask); may be null.
    std::function<void(dp::Datapath&, const StringMap&)> configure_datapath;
    EventSink* sink = nullptr;
    sys::IpConfig* host = nullptr;       ///< addresses and routes of the machine; may be null
    const loop::Clock* clock = nullptr;  ///< what upcalls are measured with; may be null
    std::function<void()> wake = [] {};  ///< call run() soon
    /// Calls `readable` whenever the descriptor is, as long as what it returns lives; may be null.
    std::function<std::shared_ptr<void>(int fd, std::function<void()> readable)> watch;
    obs::LogModule log;
};

/// Resource type; belongs to the control thread. No clock, no sockets of its own.
class Switch {
  public:
    /// What belongs to a bridge besides its state.
    struct Runtime {
        Backer* backer = nullptr;
        Bridge* bridge = nullptr;
        std::unique_ptr<OfSwitch> of_switch;
        std::unique_ptr<OpenflowSide> openflow;
        std::map<OfPort, openflow::PortDesc> told;  ///< ports as controllers know them
        std::optional<bool> default_rule;  ///< the rule of a bridge on its own is in; none: undecided
        bool fail_open = false;
        InBand in_band{};
    };

    explicit Switch(Environment environment);
    /// Where it goes on from and what it keeps for the next process; before the first apply(). Without one it
    /// starts from nothing.
    void set_checkpointer(Checkpointer& checkpointer) { checkpointer_ = &checkpointer; }
    ~Switch();
    Switch(const Switch&) = delete;
    Switch& operator=(const Switch&) = delete;

    /// Idempotent. What fails is told in errors() and by the log, and does not stop the rest.
    void apply(const Config& config, Time now);
    /// Lets go of everything, but deletes nothing that another process may carry on with: internal ports
    /// stay, with their addresses and routes. (To apply an empty configuration deletes them.)
    void release();
    /// All that time brings; the next time to call it.
    Time run(Time now);
    /// The process is about to end because it was told to: what the next one needs is written.
    void save_last(Time now);
    /// Flows of the process before are still to be restored by somebody (other_config:flow-restore-wait).
    bool is_waiting() const;
    /// An event that a translating thread posted.
    void handle(Event event, Time now);
    /// Devices may have come, gone or changed; by default any.
    void refresh_devices(Time now, const dp::DeviceNews& news = {.names = {}, .all = true});

    /// Called for each packet that FlowCache::trace_next() asked for.
    std::function<void(const pipeline::TraceStory&)> live_traced;

    const Config& config() const { return config_; }
    /// Grows whenever something that is reported to the database may have changed.
    uint64_t changes() const { return changes_; }
    std::map<std::string, std::unique_ptr<Backer>, std::less<>>& backers() { return backers_; }
    Runtime* find(std::string_view bridge);
    std::map<std::string, Runtime, std::less<>>& bridges() { return runtimes_; }
    /// The type of datapath that serves a datapath_type; none: unknown.
    std::optional<std::string> served_as(std::string_view type) const { return env_.resolve_type(type); }
    /// Why bridges of this datapath_type are served by another datapath than they ask for; empty: they are
    /// not.
    std::string why_other(std::string_view type) const {
        return env_.why_other_type ? env_.why_other_type(type) : std::string();
    }
    /// Why bridges could not be made, by name.
    const std::map<std::string, std::string, std::less<>>& bridge_errors() const { return bridge_errors_; }

  private:
    void drop_all();
    Backer* backer_for(const BridgeConfig& config);
    Result<Backer*> open_backer(const BridgeConfig& config);
    void remove_unwanted(const Config& wanted);
    void apply_bridge(const BridgeConfig& config, Time now);
    void create(const BridgeConfig& config, Backer& backer, Time now);
    void destroy(std::map<std::string, Runtime, std::less<>>::iterator it);
    void apply_limits();
    /// As other_config:flow-restore-wait says.
    void wait_for_flows(Backer& backer);
    void warn_unsupported();
    void settle(Runtime& runtime, Time now);
    bool apply_in_band(Runtime& runtime, Time now);
    /// Looks whether next hops of controllers changed, if it is time to; when it next is.
    Time check_next_hops(Time now);
    void tell_ports(Runtime& runtime);
    void refresh(Runtime& runtime, const dp::DeviceNews& news, Time now);
    void take_news(Time now);
    /// Tells the history and the controllers.
    void tables_changed(Runtime& runtime, HistoryStep step, const openflow::Requester& from = {});
    void deliver(const PuntedPacket& punted, Time now);
    void warn_of_limit(Backer& backer, const DropRecord& record);
    void decide_default_rule(Runtime& runtime, Time now);
    static bool may_fail_open(const Runtime& runtime);
    void decide_fail_open(Runtime& runtime, Time now);
    /// What the checkpoint of an earlier process has of it; null: nothing that is to come back.
    const Checkpoint::Datapath* earlier(Backer& backer) const;
    const Checkpoint::Bridge* earlier(Backer& backer, const BridgeConfig& config) const;
    void restore(Backer& backer);
    void restore(Runtime& runtime);
    /// Datapaths that are held begin to forward.
    void go(Time now);
    CheckpointJob checkpoint(Time now) const;
    uint64_t state_mark() const;
    /// Writes a checkpoint if it is time to; when it next is.
    Time save(Time now);
    Duration save_rest(bool changed) const;
    uint64_t traffic_mark() const;
    /// Its thread reads nothing of ours any more.
    void settle_checkpoint();

    Environment env_;
    obs::LogLimit limit_log_{env_.log};
    Config config_;
    std::map<std::string, std::unique_ptr<Backer>, std::less<>> backers_;  ///< by type
    std::map<std::string, Runtime, std::less<>> runtimes_;                 ///< by bridge
    std::map<std::string, std::string, std::less<>> bridge_errors_;
    std::set<Unsupported> warned_;
    uint32_t next_bridge_ = 1;
    uint64_t changes_ = 0;
    Time next_device_check_{}, next_hop_check_{};
    bool started_ = false, told_waiting_ = false;  ///< packets flow
    Checkpointer* checkpointer_ = nullptr;
    uint64_t saved_mark_ = 0;
    uint64_t traffic_ = 0, saved_traffic_ = 0;  ///< as of the last checkpoint, and of the one before
    Time saved_{};
};

}  // namespace weft::bridge
