#include "node/base/buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

namespace hearsay {
namespace {

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

std::vector<std::byte> contents(const Buffer& buffer) {
  return {buffer.bytes().begin(), buffer.bytes().end()};
}

// Foreign memory that counts how often it was given back.
struct Foreign {
  alignas(64) std::array<std::byte, 100> data{};
  int releases = 0;

  Buffer adopt() { return Buffer::adopt(data, &Foreign::release, this); }
  static void release(void* self) { ++static_cast<Foreign*>(self)->releases; }
};

TEST(Buffer, StartsEmpty) {
  const Buffer buffer;
  EXPECT_EQ(buffer.size(), 0U);
  EXPECT_TRUE(buffer.bytes().empty());
  EXPECT_FALSE(buffer.is_writable());
  EXPECT_EQ(buffer.digest(), digest_bytes({}));
}

TEST(Buffer, HoldsACopyOfTheBytes) {
  std::vector<std::byte> bytes = bytes_of({1, 2, 250});
  const Buffer buffer = Buffer::copy_of(bytes);
  bytes[0] = std::byte{9};
  EXPECT_EQ(contents(buffer), bytes_of({1, 2, 250}));
}

TEST(Buffer, IsAlignedTo64Bytes) {
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 1000U}) {
    const Buffer buffer = Buffer::allocate(size);
    EXPECT_EQ(buffer.size(), size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.bytes().data()) % 64, 0U);
  }
}

TEST(Buffer, CopiesShareAndMovesHandOver) {
  Buffer first = Buffer::copy_of(bytes_of({1, 2, 3}));
  const Buffer second = first;
  EXPECT_TRUE(first.shares_with(second));
  EXPECT_EQ(first.bytes().data(), second.bytes().data());
  EXPECT_FALSE(first.shares_with(Buffer::copy_of(bytes_of({1, 2, 3}))));

  const Buffer third = std::move(first);
  EXPECT_TRUE(third.shares_with(second));
  EXPECT_EQ(first.size(), 0U);
}

TEST(Buffer, OnlyTheSoleOwnerMayWrite) {
  Buffer first = Buffer::copy_of(bytes_of({1, 2, 3}));
  EXPECT_TRUE(first.is_writable());
  {
    const Buffer second = first;
    EXPECT_FALSE(first.is_writable());
    EXPECT_FALSE(second.is_writable());
  }
  ASSERT_TRUE(first.is_writable());
  first.writable()[1] = std::byte{7};
  EXPECT_EQ(contents(first), bytes_of({1, 7, 3}));
}

TEST(Buffer, AssignmentLetsGoOfTheFormerBytes) {
  Buffer first = Buffer::copy_of(bytes_of({1}));
  Buffer second = first;
  second = Buffer::copy_of(bytes_of({2}));
  EXPECT_TRUE(first.is_writable());
  EXPECT_TRUE(second.is_writable());
  Buffer& alias = second;
  second = alias;
  EXPECT_EQ(contents(second), bytes_of({2}));
  EXPECT_TRUE(second.is_writable());
}

TEST(BufferDeathTest, WritingASharedOrForeignBufferIsRefused) {
  Buffer first = Buffer::copy_of(bytes_of({1}));
  const Buffer second = first;
  EXPECT_DEATH(first.writable(), "is_writable");
  Foreign foreign;
  Buffer adopted = foreign.adopt();
  EXPECT_DEATH(adopted.writable(), "is_writable");
  EXPECT_DEATH(Buffer::adopt(std::span(foreign.data).subspan(1), &Foreign::release, &foreign),
               "alignof");
}

TEST(Buffer, DigestIsThatOfTheBytesAndForgottenOnWriting) {
  Buffer buffer = Buffer::copy_of(bytes_of({1, 2, 3}));
  EXPECT_EQ(buffer.digest(), digest_bytes(bytes_of({1, 2, 3})));
  buffer.writable()[0] = std::byte{8};
  EXPECT_EQ(buffer.digest(), digest_bytes(bytes_of({8, 2, 3})));
}

TEST(Buffer, DigestIsComputedOnceAndSharedByCopies) {
  // The memory is changed behind the buffer's back: a cached digest does not see it.
  Foreign foreign;
  const Buffer buffer = foreign.adopt();
  const Buffer copy = buffer;
  const Digest before = buffer.digest();
  foreign.data[5] = std::byte{1};
  EXPECT_EQ(buffer.digest(), before);
  EXPECT_EQ(copy.digest(), before);
  EXPECT_NE(digest_bytes(foreign.data), before);
}

TEST(Buffer, AdoptedMemoryIsReleasedOnceWithTheLastHandle) {
  Foreign foreign;
  {
    Buffer first = foreign.adopt();
    EXPECT_EQ(first.bytes().data(), foreign.data.data());
    EXPECT_EQ(first.size(), foreign.data.size());
    EXPECT_FALSE(first.is_writable());
    Buffer second = first;
    first = Buffer();
    EXPECT_EQ(foreign.releases, 0);
    const Buffer third = std::move(second);
    EXPECT_EQ(foreign.releases, 0);
  }
  EXPECT_EQ(foreign.releases, 1);
}

TEST(Buffer, DetachedHandlesKeepTheBytesUntilReclaimed) {
  Foreign foreign;
  Buffer first = foreign.adopt();
  void* const detached = std::move(first).detach();
  EXPECT_EQ(first.size(), 0U);
  EXPECT_EQ(foreign.releases, 0);
  {
    const Buffer back = Buffer::reclaim(detached);
    EXPECT_EQ(back.bytes().data(), foreign.data.data());
  }
  EXPECT_EQ(foreign.releases, 1);
}

TEST(Buffer, EmptyHandlesCanBeDetachedToo) {
  void* const detached = Buffer().detach();
  EXPECT_EQ(Buffer::reclaim(detached).size(), 0U);
}

TEST(Buffer, ThreadsMayCopyDropAndDigestAtOnce) {
  Foreign foreign;
  std::ranges::fill(foreign.data, std::byte{3});
  const Digest expected = digest_bytes(foreign.data);
  std::vector<int> wrong(4, 0);
  {
    const Buffer shared = foreign.adopt();
    std::vector<std::thread> threads;
    for (int& mine : wrong) {
      threads.emplace_back([&mine, expected, handle = shared] {
        for (int i = 0; i < 20'000; ++i) {
          const Buffer copy = handle;
          const Buffer again = copy;
          mine += again.digest() == expected ? 0 : 1;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(foreign.releases, 0);
  }
  EXPECT_EQ(foreign.releases, 1);
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(Buffer, TheLastOfManyThreadsReleases) {
  Foreign foreign;
  std::vector<std::thread> threads;
  {
    const Buffer shared = foreign.adopt();
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([handle = shared]() mutable { handle = Buffer(); });
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(foreign.releases, 1);
}

}  // namespace
}  // namespace hearsay
