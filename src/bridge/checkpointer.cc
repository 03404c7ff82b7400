// SPDX-License-Identifier: Apache-2.0
#include "bridge/checkpointer.h"

#include "sys/disk_file.h"
#include "sys/thread.h"

namespace weft::bridge {

namespace {

constexpr const char* boot_id_file = "/proc/sys/kernel/random/boot_id";

std::vector<Checkpoint::Group> groups_of(const pipeline::Tables& tables, pipeline::Version version) {
    const auto count = [](const pipeline::GroupCounters::Cell& c) {
        return Checkpoint::Group::Count{c.packets.load(std::memory_order_relaxed),
                                        c.bytes.load(std::memory_order_relaxed)};
    };
    std::vector<Checkpoint::Group> out;
    tables.groups().visit(version, [&](const pipeline::GroupPtr& g) {
        auto& saved = out.emplace_back(Checkpoint::Group{
            .desc = {g->id(), g->spec()}, .created = g->created(), .all = count(g->counters().all)});
        for (const auto& bucket : g->counters().buckets) saved.buckets.push_back(count(bucket));
    });
    return out;
}

Bytes rules_of(const pipeline::Tables& tables, pipeline::Version version) {
    RuleWriter writer(tables.option_layout());
    tables.visit({}, version, [&](const pipeline::RulePtr& rule) { writer.put(*rule); });
    return writer.take();
}

}  // namespace

Checkpointer::Checkpointer(std::string path, const loop::Clock& clock, obs::LogModule log)
    : path_(std::move(path)), clock_(clock), log_(log), boot_(sys::read_file(boot_id_file).value_or("")) {
    thread_ = std::thread([this] { run(); });
}

Checkpointer::~Checkpointer() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Checkpointer::load() {
    if (!sys::file_exists(path_)) return;
    const auto bytes = sys::read_file(path_);
    auto read = bytes ? decode_checkpoint(as_bytes(*bytes)) : std::unexpected(bytes.error());
    if (!read) {
        const std::string aside = path_ + ".bad";
        const auto moved = sys::rename_file(path_, aside);
        LOG(log_, warn,
            "cannot use {}: {}. The switch starts without flows, groups and meters of its predecessor; the "
            "file is {}",
            path_, read.error().message, moved ? "now " + aside : "left where it is");
        return;
    }
    if (read->boot != boot_) {
        LOG(log_, info, "{} is from before the machine started and is not used", path_);
        return;
    }
    loaded_ = *std::move(read);
}

bool Checkpointer::is_idle() const {
    const std::lock_guard lock(mutex_);
    return !busy_;
}

void Checkpointer::start(CheckpointJob job) {
    {
        const std::lock_guard lock(mutex_);
        CHECK(!busy_);
        busy_ = true;
        job_ = std::move(job);
    }
    changed_.notify_all();
}

void Checkpointer::settle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !busy_; });
}

void Checkpointer::write_now(CheckpointJob job) {
    settle();
    start(std::move(job));
    settle();
}

void Checkpointer::remove() {
    settle();
    if (sys::file_exists(path_)) (void)sys::delete_file(path_);
}

Duration Checkpointer::took() const {
    const std::lock_guard lock(mutex_);
    return took_;
}

size_t Checkpointer::size() const {
    const std::lock_guard lock(mutex_);
    return size_;
}

void Checkpointer::run() {
    sys::set_thread_name("checkpoint");
    sys::lower_thread_priority();
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return stop_ || job_; });
        if (!job_) return;
        CheckpointJob job = std::move(*job_);
        job_.reset();
        lock.unlock();
        write(job);
        job = {};
        lock.lock();
        busy_ = false;
        changed_.notify_all();
    }
}

void Checkpointer::write(CheckpointJob& job) {
    job.state.boot = boot_;
    const Time start = clock_.now();
    fill(job);
    const Bytes bytes = encode(job.state);
    save(bytes);
    const std::lock_guard lock(mutex_);
    size_ = bytes.size();
    took_ = clock_.now() - start;
}

void Checkpointer::fill(CheckpointJob& job) {
    auto source = job.sources.begin();
    for (Checkpoint::Datapath& datapath : job.state.datapaths)
        for (Checkpoint::Bridge& bridge : datapath.bridges) {
            const auto& from = *source++;
            const pipeline::Snapshot snapshot = from.versions->snapshot();
            bridge.groups = groups_of(*from.tables, snapshot.version());
            bridge.rules = rules_of(*from.tables, snapshot.version());
        }
}

void Checkpointer::save(const Bytes& bytes) {
    const std::string fresh = path_ + ".tmp";
    if (sys::file_exists(fresh)) (void)sys::delete_file(fresh);  // of a process that was killed
    const auto write = [&]() -> Result<> {
        auto file = TRY(sys::AppendFile::open(fresh, sys::AppendFile::Open::fresh));
        TRY(file.append(as_chars(bytes)));
        return sys::rename_file(fresh, path_);
    };
    const auto written = write();
    if (!written && !complained_)
        LOG(log_, warn, "cannot write a checkpoint: {}; a restart will lose flows", written.error().message);
    complained_ = !written;
}

}  // namespace weft::bridge
