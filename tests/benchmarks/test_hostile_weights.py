from benchmarks.hostile.weights import Fuzzed, case, fuzz


def test_that_hostile_weight_files_are_answered_in_one_sentence_or_read():
    assert fuzz(500, seed=0) == Fuzzed(tried=500, wrong=0, crashed=0)


def test_that_a_case_is_the_same_for_the_same_numbers():
    assert case(3, 7) == case(3, 7) != case(4, 7)
