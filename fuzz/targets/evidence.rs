#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| asan_index_fuzz::evidence(bytes));
