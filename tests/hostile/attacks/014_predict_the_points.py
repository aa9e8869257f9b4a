# 14. Predicts hidden numbers from the state of random generators
# expect: graded
# kept by: strict, portable, process
# why: the points were drawn in the grader, from the exercise and the secret alone
import random
first = random.random()
random.seed(0)
if first != random.random():
    print("BREACH the generator's state is not that of a fresh start")
