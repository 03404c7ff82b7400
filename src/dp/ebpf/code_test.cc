// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/code.h"

#include <gtest/gtest.h>

#include "dp/ebpf/abi.h"

namespace weft::dp {
namespace {

namespace act = action::dp;

act::Output to(uint32_t port) { return {DpPort{port}}; }
act::Clone clone(act::Actions list) { return {std::make_shared<const act::Actions>(std::move(list))}; }
const act::PopVlan pop{};
const act::Recirc recirc{7};

std::expected<KernelCode, NotInKernel> code_of(const act::Actions& list) {
    return kernel_code(list, [](DpPort port) { return port.value < 100; });
}

TEST(KernelCode, outputs_in_a_row_share_words_of_three) {
    const auto code = code_of({to(1), to(2), to(3), to(4)});
    ASSERT_TRUE(code);
    EXPECT_EQ(code->words, (std::vector<uint64_t>{weft_op_output | 3 << 8 | 1 << 16 | 2ull << 32 | 3ull << 48,
                                                  weft_op_output | 1 << 8 | 4 << 16}));
    EXPECT_EQ(code->flags, 0);
}

TEST(KernelCode, a_list_without_outputs_drops) {
    EXPECT_EQ(code_of({})->flags, weft_drops);
    EXPECT_EQ(code_of({act::Drop{}})->flags, weft_drops);
}

TEST(KernelCode, a_hash_is_taken_anew_if_the_headers_changed) {
    EXPECT_EQ(code_of({act::Hash{1, 5}, recirc})->words[0], weft_op_hash | 1 << 8 | 5ull << 32);
    EXPECT_EQ(code_of({pop, act::Hash{0, 5}, recirc})->words[1], weft_op_hash | 1 << 16 | 5ull << 32);
}

TEST(KernelCode, copies_that_need_not_be_made_are_not) {
    // What the list with copies does, and a list without that does the same.
    const std::pair<act::Actions, act::Actions> same[] = {
        {{clone({to(1)}), pop, to(2)}, {to(1), pop, to(2)}},
        {{to(1), clone({pop, to(2)})}, {to(1), pop, to(2)}},
        {{clone({pop, to(2)}), to(1), to(3)}, {to(1), to(3), pop, to(2)}},
        {{clone({pop, recirc}), to(1)}, {to(1), pop, recirc}},
        {{clone({to(1), act::Drop{}}), to(2)}, {to(1), to(2)}},
        {{clone({clone({to(1)}), to(2)}), pop, to(3)}, {to(1), to(2), pop, to(3)}},
        {{clone({pop, to(1)}), clone({to(2)})}, {to(2), pop, to(1)}},
        {{clone({}), to(1)}, {to(1)}},
    };
    for (const auto& [with, without] : same) EXPECT_EQ(code_of(with), code_of(without));
}

TEST(KernelCode, copies_that_must_be_made_are_user_spaces) {
    EXPECT_EQ(code_of({clone({pop, to(1)}), pop, to(2)}).error(), NotInKernel::nested);
    EXPECT_EQ(code_of({clone({pop, to(1)}), to(1)}).error(), NotInKernel::nested)
        << "two by one port keep their order";
    EXPECT_EQ(code_of({clone({recirc}), recirc}).error(), NotInKernel::nested);
}

TEST(KernelCode, what_is_cut_is_sent_last) {
    const auto words = [](const act::Actions& list) { return code_of(list)->words; };
    const std::vector<uint64_t> last{weft_op_output | 1 << 8 | 2 << 16, weft_op_cut | 50ull << 32,
                                     weft_op_output | 1 << 8 | 1 << 16};
    EXPECT_EQ(words({act::Trunc{50}, to(1), to(2)}), last);
    EXPECT_EQ(words({to(2), act::Trunc{50}, to(1)}), last);
    EXPECT_EQ(words({clone({act::Trunc{50}, to(1)}), to(2)}), last);
    EXPECT_EQ(code_of({to(2), act::Trunc{50}, to(1)})->flags, weft_cuts);
    for (const act::Actions& list : {act::Actions{act::Trunc{50}, to(1), pop, to(2)},
                                     {act::Trunc{50}, to(1), to(1)},
                                     {act::Trunc{50}, pop, to(1)},
                                     {act::Trunc{13}, to(1)},
                                     {act::Trunc{50}, to(1), act::Trunc{60}, to(2)},
                                     {act::Trunc{50}, recirc},
                                     {act::Trunc{50}, clone({to(1)}), to(2)}})
        EXPECT_EQ(code_of(list).error(), NotInKernel::truncate);
}

TEST(KernelCode, copies_go_up_for_what_only_user_space_does) {
    const auto nested = [](act::Actions list) {
        return act::Sample{77, std::make_shared<const act::Actions>(std::move(list))};
    };
    const act::Userspace up{.reason = act::PuntReason::sflow}, slow{.reason = act::PuntReason::slow_path};
    EXPECT_EQ(code_of({nested({up}), to(1), up})->words,
              (std::vector<uint64_t>{weft_op_part | 1 << 8 | 77ull << 32, weft_op_output | 1 << 8 | 1 << 16,
                                     weft_op_part | 3 << 8 | 0xffffffffull << 32}));
    EXPECT_EQ(code_of({to(1), act::Meter{5}, to(2)})->words[1], weft_op_meter | 2 << 8 | 5ull << 32);
    EXPECT_EQ(code_of({pop, act::Meter{5}, to(2)})->words[1], weft_op_meter | 5ull << 32);
    EXPECT_EQ(code_of({up, up}).error(), NotInKernel::userspace) << "nothing is left for the kernel";
    EXPECT_EQ(code_of({slow, to(1)}).error(), NotInKernel::userspace);
    EXPECT_EQ(code_of({pop, up, to(1)}).error(), NotInKernel::userspace)
        << "the copy would match another flow";
    EXPECT_EQ(code_of({clone({to(2)}), up}).error(), NotInKernel::userspace);
    EXPECT_EQ(code_of({nested({to(2), up}), to(1)}).error(), NotInKernel::nested);
}

TEST(KernelCode, what_is_sent_sometimes_stands_behind_the_dice) {
    const auto sample = [](act::Actions list) {
        return act::Sample{77, std::make_shared<const act::Actions>(std::move(list))};
    };
    const auto one = [](uint64_t port) { return weft_op_output | 1 << 8 | port << 16; };
    EXPECT_EQ(
        code_of({to(1), sample({to(2), to(3), to(4), to(5)}), to(6)})->words,
        (std::vector<uint64_t>{one(1), weft_op_sample | 2 << 8 | 77ull << 32,
                               weft_op_output | 3 << 8 | 2 << 16 | 3ull << 32 | 4ull << 48, one(5), one(6)}));
    EXPECT_EQ(code_of({sample({to(2)})})->flags, 0) << "it may drop, but that is not all";
    EXPECT_EQ(code_of({sample({pop, to(2)}), to(1)}).error(), NotInKernel::nested);
    EXPECT_EQ(code_of({sample({to(100)}), to(1)}).error(), NotInKernel::port);
    EXPECT_EQ(code_of({act::Trunc{50}, sample({to(2)}), to(1)}).error(), NotInKernel::truncate);
}

TEST(KernelCode, labels_go_where_the_kernel_finds_their_place) {
    const act::PushMpls push{Be32(0x64140), Be16(0x8847)};
    const act::PopMpls off{Be16(0x0800)};
    act::Set<act::Ipv4Header> ttl{};
    ttl.mask.ttl = 0xff;
    const act::PushVlan tag{Be16(0x8100), Be16(0x1005)};
    EXPECT_EQ(code_of({push, push, tag, to(1)})->flags, weft_edits | weft_moves_headers);
    EXPECT_TRUE(code_of({off, recirc}));
    for (const act::Actions& list :
         {act::Actions{tag, push, to(1)}, {pop, off, to(1)}, {off, ttl, to(1)}, {off, act::Hash{}, recirc}})
        EXPECT_EQ(code_of(list).error(), NotInKernel::mpls);
}

TEST(KernelCode, what_the_kernel_has_not_is_named) {
    EXPECT_EQ(code_of({to(100)}).error(), NotInKernel::port);
    EXPECT_EQ(code_of({act::PopNsh{}, to(1)}).error(), NotInKernel::nsh);
    EXPECT_EQ(code_of({clone({act::PopNsh{}, to(1)})}).error(), NotInKernel::nsh);
    EXPECT_STREQ(name_of(NotInKernel::conntrack), "conntrack");
    EXPECT_STREQ(name_of(NotInKernel::length), "length");
}

}  // namespace
}  // namespace weft::dp
