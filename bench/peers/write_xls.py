"""Writes the cells of bench/workbook-data.ts as .xls: path, rows, columns."""

import datetime
import sys

import xlwt

path, rows, columns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
book = xlwt.Workbook()
sheet = book.add_sheet("Rows")
day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
for column in range(columns):
    sheet.write(0, column, f"column {column + 1}")
for row in range(rows):
    for column in range(columns):
        n = (row * 7919 + column * 104729) % 1000003
        if column % 4 == 0:
            sheet.write(row + 1, column, f"Station {n % 5000}")
        elif column % 4 == 1:
            sheet.write(row + 1, column, n)
        elif column % 4 == 2:
            sheet.write(row + 1, column, n / 100)
        else:
            sheet.write(row + 1, column, datetime.date(2000, 1, 1) + datetime.timedelta(days=n % 9000), day)
    if row % 1000 == 999:
        sheet.flush_row_data()
book.save(path)
