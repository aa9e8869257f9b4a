# 101. Prints markup, escapes and formulas, and names things so
# expect: graded
# kept by: strict, portable, process
# why: text of others is shown, never obeyed
print("<script>alert(1)</script> <img src=x onerror=alert(1)> </script> ]]> \x1b[2J\x1b]52;c;ZXZpbA==\x07 =HYPERLINK(1)")
raise ValueError("<b>\x1b[31m\u202e\x9b31m</b>")
